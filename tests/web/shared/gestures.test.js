import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Gestures, grip, KEY_ZOOM, wheelFactor } from "../../../app/arena/web/shared/gestures.js";
import { FakeElement } from "../fakes.js";

/** @import { Acts, Options } from "../../../app/arena/web/shared/gestures.js" */

/** @type {FakeElement} */
let element;
/** @type {unknown[][]} what the view was told to do */
let done;
let zoomed = false;

/** @param {Options} options */
function listen(options = {}) {
  /** @type {(name: string) => (...values: unknown[]) => void} */
  const note =
    (name) =>
    (...values) =>
      void done.push([name, ...values]);
  /** @type {Acts} */
  const acts = {
    press: note("press"),
    drag: note("drag"),
    pinch: note("pinch"),
    release: note("release"),
    zoom: note("zoom"),
    reset: note("reset"),
    zoomed: () => zoomed,
    click: (at) => () => void done.push(["click", at]),
    hover: note("hover"),
    arrow: (right, up, far) => {
      done.push(["arrow", right, up, far]);
      return right !== 0;
    },
  };
  const target = /** @type {HTMLElement} */ (/** @type {unknown} */ (element));
  new Gestures(target, target, acts, options);
}

beforeEach(() => {
  element = new FakeElement();
  done = [];
  zoomed = false;
});

/**
 * A pointer's event at a place of the element, whose corner is at (10, 20) in the window.
 * @param {string} type
 * @param {number} x
 * @param {number} y
 * @param {object} more
 */
function pointer(type, x, y, more = {}) {
  const hand = { pointerId: 1, pointerType: "mouse", button: 0, shiftKey: false };
  return element.fire(`pointer${type}`, { clientX: x + 10, clientY: y + 20, ...hand, ...more });
}

const FINGER = { pointerType: "touch" };
const SECOND = { pointerType: "touch", pointerId: 2 };

/** @param {string} name */
function those(name) {
  return done.filter(([first]) => first === name).map(([, ...rest]) => rest);
}

test("a drag tells how far the pointer went since the last time, in the element's pixels", () => {
  listen();
  pointer("down", 50, 50);
  pointer("move", 60, 45, { shiftKey: true });
  pointer("move", 61, 47);
  pointer("up", 61, 47);
  assert.deepEqual(those("press"), [
    [
      { x: 50, y: 50 },
      { touch: false, shift: false },
    ],
  ]);
  assert.deepEqual(those("drag"), [
    [10, -5, { x: 60, y: 45 }, { touch: false, shift: true }],
    [1, 2, { x: 61, y: 47 }, { touch: false, shift: false }],
  ]);
  assert.deepEqual(those("release"), [[{ x: 61, y: 47 }, { touch: false, shift: false }, true]]);
  assert.deepEqual(those("click"), []);
  assert.deepEqual(element.captured, [1]);
});

test("a pointer that hardly moves clicks", () => {
  listen();
  pointer("down", 50, 50);
  pointer("move", 52, 51);
  pointer("up", 52, 51);
  assert.deepEqual(those("drag"), []);
  assert.deepEqual(those("click"), [[{ x: 52, y: 51 }]]);
});

test("a mouse may drag from the first pixel on, and still clicks where it stays", () => {
  listen({ slop: 0 });
  pointer("down", 50, 50);
  pointer("move", 51, 50);
  pointer("up", 51, 50);
  assert.equal(those("drag").length, 1);
  assert.equal(those("click").length, 1);
});

test("a finger that goes up or down leaves the page to scroll; one that goes sideways drags", () => {
  listen({ touchSlop: 6 });
  pointer("down", 50, 50, FINGER);
  pointer("move", 53, 90, FINGER);
  pointer("cancel", 53, 90, FINGER);
  assert.deepEqual(those("drag"), []);
  assert.deepEqual(those("release"), [[{ x: 53, y: 90 }, { touch: true, shift: false }, false]]);
  assert.deepEqual(those("click"), []);
  pointer("down", 50, 50, FINGER);
  pointer("move", 57, 50, FINGER);
  assert.equal(those("drag").length, 1);
});

test("two fingers pinch by how far they are apart, and never click", () => {
  listen();
  pointer("down", 0, 0, FINGER);
  pointer("down", 30, 40, SECOND);
  pointer("move", 60, 80, SECOND);
  assert.deepEqual(those("pinch"), [[2, { x: 15, y: 20, apart: 50 }, { x: 30, y: 40, apart: 100 }]]);
  pointer("up", 60, 80, SECOND);
  pointer("up", 0, 0, FINGER);
  assert.deepEqual(those("click"), []);
  assert.equal(those("press").length, 1);
  assert.equal(those("release").length, 1);
});

test("the middle of a pinch stays finite where two fingers meet", () => {
  const { apart } = grip(
    [
      { x: 5, y: 5 },
      { x: 5, y: 5 },
    ],
    "both",
  );
  assert.ok(apart > 0);
});

test("a pinch can be measured along the steps only", () => {
  const fingers = [
    { x: 0, y: 0 },
    { x: 30, y: 40 },
  ];
  assert.deepEqual(grip(fingers, "x"), { x: 15, y: 20, apart: 30 });
  assert.deepEqual(grip(fingers, "both"), { x: 15, y: 20, apart: 50 });
});

test("a pointer that is not down hovers; a finger leaves what it tapped", () => {
  listen();
  pointer("move", 5, 6);
  pointer("move", 5, 6, FINGER);
  pointer("leave", 5, 6, FINGER);
  pointer("leave", 5, 6);
  assert.deepEqual(those("hover"), [[{ x: 5, y: 6 }], [null]]);
});

test("while the view is dragged its element says so", () => {
  listen();
  pointer("down", 50, 50);
  assert.equal(element.attributes.has("data-dragging"), false);
  pointer("move", 80, 50);
  assert.equal(element.attributes.has("data-dragging"), true);
  pointer("up", 80, 50);
  assert.equal(element.attributes.has("data-dragging"), false);
});

test("the other buttons of a mouse do nothing", () => {
  listen();
  pointer("down", 50, 50, { button: 2 });
  pointer("up", 50, 50, { button: 2 });
  assert.deepEqual(those("press"), []);
  assert.deepEqual(those("click"), []);
});

test("where a double click would reset, a click waits for it and a second one forestalls it", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  zoomed = true;
  listen();
  pointer("down", 50, 50);
  pointer("up", 50, 50);
  assert.deepEqual(those("click"), []);
  context.mock.timers.tick(1000);
  assert.equal(those("click").length, 1);

  done = [];
  element = new FakeElement();
  listen();
  for (let k = 0; k < 2; k += 1) {
    pointer("down", 50, 50);
    pointer("up", 50, 50);
  }
  element.fire("dblclick");
  context.mock.timers.tick(1000);
  assert.deepEqual(those("click"), []);
  assert.equal(those("reset").length, 1);
});

test("a double click where all is shown resets nothing", () => {
  listen();
  element.fire("dblclick");
  assert.deepEqual(done, []);
});

test("the wheel is the page's unless Ctrl is held", () => {
  listen();
  const wheel = { deltaY: 10, deltaMode: 0, clientX: 15, clientY: 27, ctrlKey: false, metaKey: false };
  assert.equal(element.fire("wheel", wheel).defaultPrevented, false);
  assert.deepEqual(done, []);
  assert.equal(element.fire("wheel", { ...wheel, ctrlKey: true }).defaultPrevented, true);
  assert.deepEqual(those("zoom"), [[Math.exp(-0.08), { x: 5, y: 7 }]]);
});

test("turning the wheel there and back is no zoom, and one turn is limited", () => {
  assert.equal(wheelFactor(0, 0), 1);
  assert.ok(Math.abs(wheelFactor(25, 0) * wheelFactor(-25, 0) - 1) < 1e-12);
  assert.equal(wheelFactor(5000, 0), wheelFactor(60, 0));
  assert.equal(wheelFactor(-3, 1), wheelFactor(-54, 0)); // three lines
  assert.ok(wheelFactor(-10, 0) > 1, "away from the person: closer");
});

/**
 * @param {string} key
 * @param {object} more
 */
function press(key, more = {}) {
  return element.fire("keydown", { key, shiftKey: false, ctrlKey: false, metaKey: false, altKey: false, ...more });
}

test("keys zoom, reset and move, and what means nothing is the page's", () => {
  listen({ keyZoom: 2 });
  for (const key of ["+", "=", "-", "0", "ArrowLeft"]) assert.equal(press(key).defaultPrevented, true, key);
  press("ArrowRight", { shiftKey: true });
  assert.deepEqual(done, [
    ["zoom", 2, null],
    ["zoom", 2, null],
    ["zoom", 0.5, null],
    ["reset"],
    ["arrow", -1, 0, false],
    ["arrow", 1, 0, true],
  ]);
  for (const key of ["ArrowUp", "Enter", "Escape", "x"]) assert.equal(press(key).defaultPrevented, false, key);
});

test("with Ctrl a key is the browser's", () => {
  listen();
  assert.equal(press("+", { ctrlKey: true }).defaultPrevented, false);
  assert.deepEqual(done, []);
  press("+");
  assert.deepEqual(done, [["zoom", KEY_ZOOM, null]]);
});
