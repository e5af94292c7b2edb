import assert from "node:assert/strict";
import { test } from "node:test";
import { Axis } from "../../../app/arena/web/curves/axis.js";
import { spotOf } from "../../../app/arena/web/curves/labels.js";
import { pointsOf, trace } from "../../../app/arena/web/curves/points.js";

const WIDTH = 100;

/**
 * The points of a line over the steps 0, 1, 2, ..., as pairs.
 * @param {number[]} values
 * @param {[number, number]} range of the steps that are shown
 */
function pointsOver(values, range) {
  const steps = values.map((_, k) => k);
  const points = pointsOf(steps, values, new Axis("linear", range, [0, WIDTH]), new Axis("linear", [0, 1], [0, 10]), WIDTH);
  return Array.from({ length: points.length / 2 }, (_, k) => points.slice(2 * k, 2 * k + 2));
}

test("a short line keeps all of its points", () => {
  assert.deepEqual(pointsOver([0, 0.5, 1], [0, 2]), [
    [0, 0],
    [50, 5],
    [100, 10],
  ]);
});

test("of a zoomed line only what is seen, and one point beyond, is drawn", () => {
  const values = Array.from({ length: 51 }, (_, k) => k / 50);
  const xs = pointsOver(values, [10, 20]).map(([x]) => x);
  assert.deepEqual([xs[0], xs.at(-1), xs.length], [0, 110, 12]);
});

test("of a long line no spike is lost, nor its first and last point", () => {
  const values = Array.from({ length: 100_000 }, () => 0.5);
  values[31_234] = 0.9;
  values[61_235] = 0.1;
  values[0] = 0.4;
  values[99_999] = 0.6;
  const points = pointsOver(values, [0, 99_999]);
  assert.ok(points.length <= 4 * 2 * (WIDTH + 1), `${points.length}: at most four for each half pixel`);
  const heights = points.map(([, y]) => y);
  assert.equal(Math.max(...heights), 9);
  assert.equal(Math.min(...heights), 1);
  assert.deepEqual([heights[0], heights.at(-1)], [4, 6]);
  assert.ok(
    points.every(([x], k) => !k || x >= points[k - 1][0]),
    "from left to right",
  );
});

test("a gap of a long line stays a gap", () => {
  const values = Array.from({ length: 10_000 }, (_, k) => (k >= 4000 && k < 6000 ? NaN : 0.5));
  const gaps = pointsOver(values, [0, 9999]).filter(([, y]) => Number.isNaN(y));
  assert.ok(gaps.length > 10);
  assert.ok(gaps.every(([x]) => x >= 39 && x <= 61));
});

/**
 * What a line draws, as "M" and "L" with their points.
 * @param {number[]} points
 */
function drawn(points) {
  /** @type {string[]} */
  const path = [];
  const pen = {
    ...{ setLineDash() {}, beginPath() {}, stroke() {} },
    moveTo: (/** @type {number} */ x, /** @type {number} */ y) => path.push(`M${x},${y}`),
    lineTo: (/** @type {number} */ x, /** @type {number} */ y) => path.push(`L${x},${y}`),
  };
  const context = /** @type {CanvasRenderingContext2D} */ (/** @type {unknown} */ (pen));
  trace(context, points, { colour: "#000", dash: [], width: 1 }, { top: 0, bottom: 100 });
  return path.join(" ");
}

test("a line has gaps where it has no value, and a point alone becomes a dot", () => {
  assert.equal(drawn([0, 5, 1, 6, 2, NaN, 3, 7, 4, NaN, 5, 8, 6, 9]), "M0,5 L1,6 M3,7 L3.01,7 M5,8 L6,9");
});

test("a leap from far above the plot to far below is left out", () => {
  assert.equal(drawn([0, 50, 1, -150, 2, 250, 3, 50]), "M0,50 L1,-150 M2,250 L3,50");
  assert.equal(drawn([0, -150, 1, 50, 2, 250]), "M0,-150 L1,50 L2,250");
});

const PLOT = { left: 0, right: 300, top: 0, bottom: 200 };

test("a level's name stands at the right end above its line where nothing is in the way", () => {
  assert.deepEqual(spotOf(100, 50, PLOT, [], []), { x: 248, y: 85, width: 50 });
});

test("a level's name evades curves and other names", () => {
  const above = [200, 90, 300, 90];
  assert.deepEqual(spotOf(100, 50, PLOT, [above], []), { x: 248, y: 102, width: 50 });
  const below = [200, 110, 300, 110];
  const taken = [{ x: 6, y: 85, width: 50 }];
  assert.deepEqual(spotOf(100, 50, PLOT, [above, below], taken), { x: 6, y: 102, width: 50 });
});

test("a name of a level at the edge stays within the plot", () => {
  assert.equal(spotOf(2, 50, PLOT, [], []).y, 4);
  assert.equal(spotOf(198, 50, PLOT, [], []).y, 183);
});
