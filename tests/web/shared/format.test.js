import assert from "node:assert/strict";
import { test } from "node:test";
import { count, minus, number, rough, short } from "../../../app/arena/web/shared/format.js";

// The texts on the right are those that Python's "%.4g" % value gives.
/** @type {[number, string][]} */
const FOUR_DIGITS = [
  [0, "0"],
  [-0, "0"],
  [1, "1"],
  [0.1, "0.1"],
  [12.345678, "12.35"],
  [-12.345678, "-12.35"],
  [123.45, "123.5"],
  [9999, "9999"],
  [9999.9, "1e+04"], // rounding comes before the choice of the form
  [12346, "1.235e+04"],
  [2e6, "2e+06"],
  [0.0001, "0.0001"],
  [0.00099999, "0.001"],
  [0.000099999, "0.0001"],
  [0.00001234, "1.234e-05"],
  [1.2e-6, "1.2e-06"],
  [3.4028234663852886e38, "3.403e+38"],
  [1e-100, "1e-100"],
  [1000.6, "1001"],
];

test("a number has the four digits of Python's general format", () => {
  for (const [value, text] of FOUR_DIGITS) assert.equal(number(value), text, String(value));
});

test("where there is no number stands a dash, and infinity has its sign", () => {
  for (const value of [NaN, undefined, null]) assert.equal(number(value), "–");
  assert.equal(number(Infinity), "∞");
  assert.equal(number(-Infinity), "-∞");
});

test("a rough number has two digits and no exponent below 10,000", () => {
  assert.equal(rough(0.0123456), "0.012");
  assert.equal(rough(1234), "1200");
  assert.equal(rough(12345), "1.2e+04");
});

test("a count has its thousands set apart", () => {
  assert.equal(count(2000), "2,000");
  assert.equal(count(1234567.6), "1,234,568");
  assert.equal(count(NaN), "–");
});

test("a tick's value takes as few characters as it has digits", () => {
  assert.equal(short(0.25), "0.25");
  assert.equal(short(2000), "2,000");
  assert.equal(short(99999), "99,999");
  assert.equal(short(100000), "100000");
  assert.equal(short(1e6), "1e+06");
  assert.equal(short(1e-6), "1e-06");
});

test("only the sign of a number becomes a real minus, not that of its exponent", () => {
  assert.equal(minus("-1.5e-06"), "−1.5e-06");
  assert.equal(minus("1e-06"), "1e-06");
});
