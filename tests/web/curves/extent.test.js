import assert from "node:assert/strict";
import { test } from "node:test";
import { extent, threshold } from "../../../app/arena/web/curves/extent.js";

/**
 * @param {number[]} values
 * @param {boolean} broken
 */
const line = (values, broken = false) => ({ values: Float32Array.from(values), broken });

/**
 * @param {readonly number[] | null} range
 * @param {[number, number]} wanted
 */
function spans(range, wanted) {
  assert.ok(range, "there is a range");
  wanted.forEach((end, k) => assert.ok(Math.abs(range[k] - end) < 1e-4 * (1 + Math.abs(end)), `${range} is not ${wanted}`));
}

test("a linear axis spans all values, a twentieth wider on each side", () => {
  spans(extent("linear", [line([0, 10]), line([2, 20])]), [-1, 21]);
});

test("levels are seen too", () => {
  spans(extent("linear", [line([0, 10])], [-10, NaN]), [-11, 11]);
});

test("a constant has room around it", () => {
  spans(extent("linear", [line([10, 10])]), [9, 11]);
  spans(extent("linear", [line([0, 0])]), [-1, 1]);
});

test("a logarithmic axis leaves out what it cannot draw, and has a margin in decades", () => {
  // 4 decades, of which 0.04 are 0.16.
  spans(extent("log", [line([1e-2, 100, 0, -5, NaN])]), [10 ** -2.16, 10 ** 2.16]);
});

test("rounding far below the usual values does not stretch a logarithmic axis", () => {
  const [low] = extent("log", [line([1, 1e-30])]) ?? [NaN];
  assert.ok(low > 1e-15 && low < 1e-14, String(low));
});

test("a run that diverges does not press the others flat", () => {
  const sound = line([1, 0.1, 0.01]);
  const [, high] = extent("log", [sound, line([1, 1e3, 1e20], true)]) ?? [];
  assert.ok(high && high > 1e3 && high < 1e4, `${high}: as far as 10,000 times the usual values`);
  spans(extent("linear", [line([0, 1]), line([1, 2, 1e9], true)]), [-0.1, 2.1]);
});

test("a run need not have broken off to blow up", () => {
  const quiet = Array.from({ length: 20 }, () => 1);
  const [, high] = extent("log", [line([...quiet, 1e12])]) ?? [];
  assert.ok(high && high < 10, String(high));
});

test("where nothing can be drawn there is no range", () => {
  assert.equal(extent("log", [line([0, -1, NaN])]), null);
  assert.equal(extent("linear", []), null);
});

test("a symmetric axis turns linear at the decade below which a tenth of the values lie", () => {
  const values = Array.from({ length: 100 }, (_, k) => (k < 15 ? 0.002 : k < 60 ? -3 : 50));
  assert.equal(threshold([Float32Array.from(values)], 100), 1e-3);
});

test("a threshold lies within seven decades of the largest value", () => {
  assert.equal(threshold([Float32Array.of(1e-20, 1)], 1), 1e-7);
  assert.equal(threshold([Float32Array.of(0, NaN)], 5), 5);
});
