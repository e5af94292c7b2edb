import assert from "node:assert/strict";
import { test } from "node:test";
import { decadeOf, drawable, linearTicks, logTicks, power, symlogTicks } from "../../../app/arena/web/shared/ticks.js";

test("linear ticks are multiples of 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual(linearTicks(0, 10, 6), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(linearTicks(0, 10, 5), [0, 5, 10]);
  assert.deepEqual(linearTicks(-1, 1, 5), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(linearTicks(0.13, 0.29, 4), [0.15, 0.2, 0.25]);
  assert.deepEqual(linearTicks(0, 500, 6), [0, 100, 200, 300, 400, 500]);
});

test("a tick at an end counts though rounding puts it outside", () => {
  assert.deepEqual(linearTicks(0.1 + 0.2, 0.6, 4), [0.3, 0.4, 0.5, 0.6]); // 0.1 + 0.2 is above 0.3
  assert.deepEqual(linearTicks(0, 0.7 - 1e-16, 8).at(-1), 0.7);
});

test("linear ticks carry no digits of rounding", () => {
  assert.deepEqual(linearTicks(0, 0.5, 6), [0, 0.1, 0.2, 0.3, 0.4, 0.5]); // 3 * 0.1 is not 0.3
});

test("steps are whole numbers", () => {
  assert.deepEqual(linearTicks(0, 3, 6, true), [0, 1, 2, 3]);
  assert.deepEqual(linearTicks(0, 3, 7), [0, 0.5, 1, 1.5, 2, 2.5, 3]);
  assert.deepEqual(linearTicks(0, 3, 7, true), [0, 1, 2, 3]);
});

test("an empty range has one tick, or none", () => {
  assert.deepEqual(linearTicks(2, 2, 5), [2]);
  assert.deepEqual(linearTicks(NaN, 2, 5), []);
});

test("there are never more linear ticks than asked for, and they lie within the range", () => {
  for (let k = 1; k < 400; k += 1) {
    const low = Math.sin(k) * 10 ** (k % 7);
    const high = low + (1 + Math.cos(k)) * 10 ** (k % 5) + 1e-3;
    const ticks = linearTicks(low, high, 2 + (k % 5));
    assert.ok(ticks.length <= 2 + (k % 5), `${low} to ${high}: ${ticks}`);
    const slack = 1e-6 * (high - low);
    assert.ok(ticks.every((tick) => tick >= low - slack && tick <= high + slack));
  }
});

test("a logarithmic axis is ticked at every n-th decade where there are many", () => {
  assert.deepEqual(logTicks(1e-3, 1e3, 7).major, [1e-3, 1e-2, 1e-1, 1, 10, 100, 1000]);
  assert.deepEqual(logTicks(1e-12, 1, 5).major, [1e-12, 1e-9, 1e-6, 1e-3, 1]);
  assert.deepEqual(logTicks(1e-12, 1, 5).minor, []);
});

test("a short logarithmic axis is ticked at 1, 2 and 5, with small ticks between", () => {
  const { major, minor, even } = logTicks(1, 10, 6);
  assert.deepEqual(major, [1, 2, 5, 10]);
  assert.deepEqual(minor, [2, 3, 4, 5, 6, 7, 8, 9]);
  assert.equal(even, false);
  assert.deepEqual(logTicks(1, 30, 4).major, [1, 3, 10, 30]);
});

test("a very short logarithmic axis is written like a linear one", () => {
  const { major, even } = logTicks(1.1, 1.5, 5);
  assert.deepEqual(major, [1.1, 1.2, 1.3, 1.4, 1.5]);
  assert.equal(even, true);
});

test("a symmetric logarithmic axis has 0 and the same decades on both sides", () => {
  const { major, even } = symlogTicks(-100, 100, 1, 7);
  assert.deepEqual(major, [-100, -10, -1, 0, 1, 10, 100]);
  assert.equal(even, false);
});

test("where decades are many every n-th is ticked, on the shorter side too", () => {
  const { major } = symlogTicks(-100, 1e8, 1, 6);
  assert.deepEqual(major, [-100, 0, 100, 1e5, 1e8]);
});

test("a symmetric logarithmic axis within its threshold is linear", () => {
  assert.deepEqual(symlogTicks(-0.5, 1, 1, 4), { major: [-0.5, 0, 0.5, 1], minor: [], even: true });
});

test("only numbers above 0 can be drawn on a logarithmic scale", () => {
  assert.equal(drawable("log", 0), false);
  assert.equal(drawable("log", 1e-300), true);
  assert.equal(drawable("symlog", -1), true);
  assert.equal(drawable("linear", Infinity), false);
});

test("powers of ten and decades are exact", () => {
  for (let k = -20; k <= 20; k += 1) {
    assert.equal(power(k), Number(`1e${k}`));
    assert.equal(decadeOf(power(k)), k);
    assert.equal(decadeOf(-9.99 * power(k)), k);
  }
});
