import assert from "node:assert/strict";
import { test } from "node:test";
import { shownLength } from "../../../app/arena/web/map/arrows.js";
import { named } from "../../../app/arena/web/map/axes.js";
import { addSegment, clip } from "../../../app/arena/web/map/clip.js";
import { fit } from "../../../app/arena/web/map/fit.js";
import { Path } from "../../../app/arena/web/map/path.js";
import { beside } from "../../../app/arena/web/map/tip.js";
import { Viewport } from "../../../app/arena/web/map/viewport.js";
import { inWords } from "../../../app/arena/web/map/words.js";

/** @import { Contender, Point, SceneMap } from "../../../app/arena/web/shared/types.d.ts" */

/**
 * A contender with a path.
 * @param {Point[]} points
 * @param {boolean} broken
 * @returns {Contender}
 */
function contender(points, broken = false) {
  const [xs, ys] = [0, 1].map((axis) => Float32Array.from(points, (point) => point[axis]));
  return {
    ...{ index: 0, label: "Adam", colour: "#000000", dash: [], broken, ending: "" },
    axes: { steps: Float32Array.from(points, (_, k) => k) },
    channels: { x: { axis: "steps", values: xs }, y: { axis: "steps", values: ys } },
  };
}

/** @type {SceneMap} */
const MAP = {
  ...{ title: "Paths", x: { label: "x", range: null }, y: { label: "y", range: null }, path: ["x", "y"], grid: null },
  ...{ levels: [], logarithmic: false, measure: "loss", minimisers: [], start: [0, 0], clickable: false, words: "", note: "" },
};

/**
 * @param {{ x: readonly number[], y: readonly number[] }} ranges
 * @param {{ x: number[], y: number[] }} wanted
 */
function spans({ x, y }, wanted) {
  const values = [...x, ...y];
  const ends = [...wanted.x, ...wanted.y];
  values.forEach((value, k) => assert.ok(Math.abs(value - ends[k]) < 1e-5, `${values} is not ${ends}`));
}

test("the ranges hold start, minimisers and paths, 7 % wider on each side", () => {
  const map = { ...MAP, minimisers: /** @type {Point[]} */ ([[4, -2]]) };
  const path = contender([
    [0, 0],
    [6, 1],
    [2, 3],
  ]);
  spans(fit({ contenders: [path], map }), { x: [-0.42, 6.42], y: [-2.35, 3.35] });
});

test("a path that flies away does not press the others flat", () => {
  const sound = contender([
    [0, 0],
    [1, 1],
  ]);
  const wild = contender(
    [
      [0, 0],
      [2, 2],
      [1e6, -1e6],
      [NaN, NaN],
    ],
    true,
  );
  spans(fit({ contenders: [sound, wild, wild, wild], map: MAP }), { x: [-0.14, 2.14], y: [-0.14, 2.14] });
});

test("a lone path that broke is shown as far as eight times its median way", () => {
  const wild = contender(
    [
      [0, 0],
      [1, 0],
      [2, 0],
      [15, 0],
      [1e9, 0],
    ],
    true,
  );
  // Half way it was 2 from the start: what is no further than 16 is shown.
  const { x } = fit({ contenders: [wild], map: MAP });
  assert.ok(Math.abs(x[1] - 15 * 1.07) < 1e-5, String(x));
});

test("rounding across a straight path is drawn as straight", () => {
  const path = contender([
    [0, 0],
    [10, 1e-6],
  ]);
  const { y } = fit({ contenders: [path], map: MAP });
  assert.ok(y[1] - y[0] > 0.01, String(y));
});

test("no path at all leaves room around the start", () => {
  const { x, y } = fit({ contenders: [], map: { ...MAP, start: [3, 4] } });
  assert.ok(x[0] < 3 && x[1] > 3 && y[0] < 4 && y[1] > 4);
});

test("ticks have as many decimals as tell them apart", () => {
  const { ticks, name } = named([-1, -0.5, 0, 0.5], "x");
  assert.deepEqual(
    ticks.map(({ text }) => text),
    ["−1.0", "−0.5", "0.0", "0.5"],
  );
  assert.equal(name, "x");
});

test("a power of ten that ticks share goes to the name of the axis", () => {
  const large = named([0, 20_000, 40_000], "x");
  assert.deepEqual(
    large.ticks.map(({ text }) => text),
    ["0", "2", "4"],
  );
  assert.equal(large.name, "x, in 10⁴");
  assert.equal(named([-0.001, 0, 0.001], "y").name, "y, in 10⁻³");
});

test("there is no minus before a zero", () => {
  assert.deepEqual(named([-0, 1], "x").ticks[0].text, "0");
});

const EDGES = { left: 0, right: 10, top: 0, bottom: 10 };

test("only the part of a segment that lies in a box is kept", () => {
  assert.deepEqual(clip(-10, 5, 10, 5, EDGES), [0.5, 1]);
  assert.deepEqual(clip(5, -5, 5, 15, EDGES), [0.25, 0.75]);
  assert.deepEqual(clip(1, 1, 9, 9, EDGES), [0, 1]);
  assert.equal(clip(-5, 4, 4, -5, EDGES), null); // past a corner
  assert.equal(clip(-1, -1, -1, 20, EDGES), null);
});

test("a line that leaves a box and comes back has a gap there", () => {
  /** @type {string[]} */
  const path = [];
  const context = {
    moveTo: (/** @type {number} */ x, /** @type {number} */ y) => void path.push(`M${x},${y}`),
    lineTo: (/** @type {number} */ x, /** @type {number} */ y) => void path.push(`L${x},${y}`),
  };
  const points = [
    [5, 5],
    [5, 15],
    [NaN, NaN],
    [5, 12],
    [5, 8],
  ];
  let [x, y] = [NaN, NaN];
  for (const [nextX, nextY] of points) {
    addSegment(context, x, y, nextX, nextY, EDGES);
    [x, y] = [nextX, nextY];
  }
  assert.deepEqual(path, ["M5,5", "L5,10", "M5,10", "L5,8"]);
});

/** A plot of 100 x 100 pixels for x and y from 0 to 10. */
function viewport() {
  const view = new Viewport({ left: 0, right: 0, top: 0, bottom: 0 });
  view.resize(100, 100);
  view.setHome({ x: [0, 10], y: [0, 10] });
  return view;
}

test("the head of a path lies between two entries", () => {
  const run = contender([
    [0, 0],
    [2, 4],
    [10, 10],
  ]);
  const path = new Path(run, ["x", "y"], viewport());
  assert.deepEqual(path.head(0.5), { x: 10, y: 80, i: 0, over: false, contender: run });
  assert.deepEqual(path.head(99), { x: 100, y: 0, i: 2, over: false, contender: run });
});

test("the head of a broken run stays at its last entry, and is over", () => {
  const points = /** @type {Point[]} */ ([
    [0, 0],
    [2, 4],
    [NaN, NaN],
  ]);
  const path = new Path(contender(points, true), ["x", "y"], viewport());
  assert.equal(path.last, 1);
  for (const step of [1, 1.5, 7]) {
    const { x, y, over } = path.head(step) ?? {};
    assert.deepEqual([x, y, over], [20, 60, true], String(step));
  }
  assert.equal(path.head(0.5)?.over, false);
});

test("a contender without a path has no head", () => {
  assert.equal(new Path(contender([]), ["x", "y"], viewport()).head(1), null);
  assert.equal(new Path(contender([[1, 1]]), ["px", "py"], viewport()).head(1), null);
});

test("an arrow loses the same length for each decade, down to the shortest", () => {
  assert.equal(shownLength(5, 5), 90);
  assert.ok(Math.abs(shownLength(0.005, 5) - 54) < 1e-9); // three of six decades
  assert.equal(shownLength(1e-30, 5), 18);
});

test("a tooltip stands beside the pointer, on the side with room", () => {
  const [size, room] = [
    { width: 100, height: 40 },
    { width: 400, height: 300 },
  ];
  assert.deepEqual(beside({ x: 100, y: 100 }, size, room), { x: 114, y: 114 });
  assert.deepEqual(beside({ x: 350, y: 290 }, size, room), { x: 236, y: 236 });
  assert.deepEqual(beside({ x: 50, y: 20 }, { width: 390, height: 290 }, room), { x: 2, y: 2 });
});

test("the map in words says where each path ends", () => {
  const ends = contender([
    [0, 0],
    [1.23456, -2],
  ]);
  const breaks = contender(
    [
      [0, 0],
      [5, 6],
      [NaN, 1],
    ],
    true,
  );
  const none = contender([]);
  const words = inWords({ contenders: [ends, { ...breaks, label: "SGD" }, { ...none, label: "Lion" }], map: MAP });
  assert.equal(words, "Paths: Adam ends at (1.235, -2); SGD breaks off at (5, 6); Lion has no path.");
});
