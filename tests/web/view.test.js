import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, encode, Exchange, renamed, USUAL } from "../../app/arena/web/view.js";

/** @import { View } from "../../app/arena/web/view.js" */

/** @type {View} */
const ALL = {
  tab: "inside",
  step: 120,
  arrows: true,
  ground: "surface",
  zoom: { x: [-1.5, 2.25], y: [0, 0.5] },
  camera: [-0.62, 0.74, 1.25, 0.1, -0.05],
  hidden: [1, 3],
  speed: 0.5,
};

test("the usual view is nothing, and nothing is the usual view", () => {
  assert.deepEqual(encode(USUAL), {});
  assert.deepEqual(decode({}), USUAL);
});

test("a view comes back as it was", () => {
  assert.deepEqual(decode(JSON.parse(JSON.stringify(encode(ALL)))), ALL);
});

test("a view is short: a link carries it", () => {
  const zoom = /** @type {const} */ ({ x: [-1.23456789012, 2.3456789012], y: [1.00001234567, 1.00002345678] });
  const text = JSON.stringify(
    encode({ ...ALL, zoom: { x: [...zoom.x], y: [...zoom.y] }, camera: [0.123456, 0.7, 1 / 3, 0, 0] }),
  );
  assert.ok(text.length < 200, text);
  // Every end is known to a thousandth of the part that is seen.
  const back = decode(JSON.parse(text)).zoom;
  for (const axis of /** @type {const} */ (["x", "y"])) {
    const [low, high] = zoom[axis];
    back?.[axis].forEach((end, k) => assert.ok(Math.abs(end - zoom[axis][k]) < (high - low) / 500));
  }
});

test("between two steps it is the one before", () => {
  assert.equal(encode({ ...USUAL, step: 12.9 }).step, 12);
  assert.equal(encode({ ...USUAL, step: 0 }).step, 0);
});

test("of a link that carries anything, each wrong field is passed over by itself", () => {
  const rest = { tab: "steps", step: 5, hidden: [2] };
  for (const wrong of [
    { arrows: "yes" },
    { ground: ["surface"] },
    { zoom: [0, 1, 2] },
    { zoom: [1, 0, 0, 1] },
    { zoom: [0, 1, 0, null] },
    { zoom: [0, "1", 0, 1] },
    { zoom: [0, 1e300, 0, 1] },
    { zoom: { length: 4 } },
    { camera: [0, 0, 1, 0] },
    { camera: [0, 0, NaN, 0, 0] },
    { speed: 1000 },
    { speed: "2" },
    { __proto__: { ground: "surface" }, other: 1 },
  ]) {
    const { tab, step, hidden, ...others } = decode({ ...rest, ...wrong });
    assert.deepEqual({ tab, step, hidden }, rest, JSON.stringify(wrong));
    const { tab: _tab, step: _step, hidden: _hidden, ...usual } = USUAL;
    assert.deepEqual(others, usual, JSON.stringify(wrong));
  }
  for (const wrong of [
    { tab: "constructor" },
    { step: -1 },
    { step: 1.5 },
    { step: "3" },
    { hidden: 3 },
    { hidden: [-1, "0", null] },
  ]) {
    assert.deepEqual(decode(wrong), USUAL, JSON.stringify(wrong));
  }
  for (const wrong of [null, undefined, 3, "inside", [], [["tab", "inside"]]]) assert.deepEqual(decode(wrong), USUAL);
});

test("a contender that is hidden twice is hidden once, in the order of the scene", () => {
  assert.deepEqual(decode({ hidden: [3, 1, 3] }).hidden, [1, 3]);
});

test("a view is sent when it is another than the last, and its echo is no order", () => {
  const exchange = new Exchange();
  assert.equal(exchange.send(USUAL), null);
  assert.deepEqual(exchange.send({ ...USUAL, step: 3 }), { step: 3 });
  assert.equal(exchange.send({ ...USUAL, step: 3 }), null);
  assert.equal(exchange.receive({ step: 3 }), null);
  assert.equal(exchange.receive({ step: 3 }), null);
});

test("an older view that was under way is no order, one of later is", () => {
  const exchange = new Exchange();
  exchange.send({ ...USUAL, step: 3 });
  exchange.send({ ...USUAL, step: 4 });
  assert.equal(exchange.receive({}), null);
  assert.equal(exchange.receive({ step: 3 }), null);
  assert.equal(exchange.receive({ step: 4 }), null);
  assert.equal(exchange.receive({ step: 3 })?.step, 3, "the back button of the browser");
});

test("a link's view is shown once, however it is written", () => {
  const exchange = new Exchange();
  assert.equal(exchange.receive(null), null);
  assert.equal(exchange.receive({ step: 7, tab: "inside" })?.tab, "inside");
  assert.equal(exchange.receive({ tab: "inside", step: 7, unknown: 1 }), null);
  assert.equal(exchange.send({ ...USUAL, tab: "inside", step: 7 }), null);
});

test("what is never echoed does not hold up a link for ever", (context) => {
  let now = 0;
  context.mock.method(performance, "now", () => now);
  const exchange = new Exchange();
  exchange.send({ ...USUAL, step: 3 });
  now = 10_000;
  assert.equal(exchange.receive({ step: 9 })?.step, 9);
});

test("whoever is hidden stays so under another label, and where somebody left", () => {
  const [a, b, c] = ["Prodigy", "Adam", "Adam (beta1 0.5)"].map((label) => ({ label }));
  assert.deepEqual(renamed(new Set(["Adam"]), [a, b], [a, c]), new Set(["Adam (beta1 0.5)"]));
  assert.deepEqual(renamed(new Set(["Adam"]), [a, b], [b]), new Set(["Adam"]));
});
