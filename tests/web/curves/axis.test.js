import assert from "node:assert/strict";
import { test } from "node:test";
import { Axis, StepRange } from "../../../app/arena/web/curves/axis.js";
import { columnsOf } from "../../../app/arena/web/curves/curves.js";
import { evenLabels, logLabels } from "../../../app/arena/web/curves/frame.js";

/**
 * @param {number} value
 * @param {number} wanted
 */
function near(value, wanted) {
  assert.ok(Math.abs(value - wanted) <= 1e-9 * Math.max(1, Math.abs(wanted)), `${value} is not ${wanted}`);
}

test("a linear axis puts values onto pixels, and may point up", () => {
  const axis = new Axis("linear", [10, 20], [300, 100]);
  assert.equal(axis.pixel(10), 300);
  assert.equal(axis.pixel(20), 100);
  assert.equal(axis.pixel(12.5), 250);
});

test("a logarithmic axis gives each decade the same room", () => {
  const axis = new Axis("log", [1e-3, 1e3], [0, 600]);
  for (let k = 0; k <= 6; k += 1) near(axis.pixel(10 ** (k - 3)), 100 * k);
  assert.ok(Number.isNaN(axis.pixel(0)));
});

test("a symmetric logarithmic axis is linear within its threshold and gives decades the same room beyond", () => {
  const axis = new Axis("symlog", [-100, 100], [0, 600], 1);
  near(axis.pixel(0), 300);
  near(axis.pixel(0.5), 350);
  near(axis.pixel(1), 400);
  near(axis.pixel(10), 500);
  near(axis.pixel(-10), 100);
});

test("a pixel's value is the one whose pixel it is", () => {
  for (const axis of [
    new Axis("linear", [-3, 8], [52, 400]),
    new Axis("log", [1e-7, 1e2], [200, 9]),
    new Axis("symlog", [-50, 1e4], [200, 9], 0.1),
  ]) {
    for (let pixel = 10; pixel < 200; pixel += 17) near(axis.pixel(axis.value(pixel)), pixel);
  }
});

test("what is far outside stays where a canvas can draw it", () => {
  const axis = new Axis("linear", [0, 1], [0, 100]);
  assert.equal(axis.pixel(1e30), 1e4);
  assert.equal(axis.pixel(-1e30), -1e4);
  assert.ok(Number.isNaN(axis.pixel(Infinity)));
});

test("zooming keeps the step under the pointer where it is", () => {
  const steps = new StepRange();
  steps.limit(1000);
  steps.zoom(4, 300);
  assert.deepEqual(steps.range, [225, 475]);
  steps.zoom(0.5, 300);
  assert.deepEqual(steps.range, [150, 650]);
});

test("what is zoomed into stays within the run, and the whole run is no zoom", () => {
  const steps = new StepRange();
  steps.limit(1000);
  steps.show(900, 1100);
  assert.deepEqual(steps.range, [800, 1000]);
  assert.equal(steps.zoomed, true);
  steps.zoom(0.01, 900);
  assert.deepEqual(steps.range, [0, 1000]);
  assert.equal(steps.zoomed, false);
});

test("a zoom stops at a few steps", () => {
  const steps = new StepRange();
  steps.limit(1000);
  for (let k = 0; k < 30; k += 1) steps.zoom(2, 500);
  const [low, high] = steps.range;
  assert.equal(high - low, 4);
});

test("a run that grows shows all of itself, or what was zoomed into", () => {
  const steps = new StepRange();
  steps.limit(100);
  steps.limit(200);
  assert.deepEqual(steps.range, [0, 200]);
  steps.show(50, 100);
  steps.limit(400);
  assert.deepEqual(steps.range, [50, 100]);
});

/** @param {{ labels: { text: string, raised?: string }[] }} labelled */
const texts = ({ labels }) => labels.map(({ text, raised }) => (raised ? `${text}^${raised}` : text));

test("labels of evenly spaced ticks have as many decimals as tell them apart", () => {
  assert.deepEqual(texts(evenLabels([-0.5, 0, 0.5, 1])), ["−0.5", "0", "0.5", "1.0"]);
  assert.deepEqual(texts(evenLabels([0, 1000, 2000])), ["0", "1,000", "2,000"]);
});

test("long labels share a power of ten", () => {
  const large = evenLabels([0, 2e6, 4e6]);
  assert.equal(large.exponent, 6);
  assert.deepEqual(texts(large), ["0", "2", "4"]);
  const small = evenLabels([1.5e-5, 2e-5]);
  assert.equal(small.exponent, -5);
  assert.deepEqual(texts(small), ["1.5", "2.0"]);
});

test("ticks of a logarithmic axis are plain where all are short, else powers of ten", () => {
  assert.deepEqual(texts(logLabels([0.1, 1, 10])), ["0.1", "1", "10"]);
  assert.deepEqual(texts(logLabels([-1e-6, 0, 1e-6, 1])), ["−10^−6", "0", "10^−6", "10^0"]);
  assert.deepEqual(texts(logLabels([3e5, 1e6])), ["3·10^5", "10^6"]);
});

test("panels stand in even rows", () => {
  assert.equal(columnsOf(4, 1000, 3), 2);
  assert.equal(columnsOf(6, 1000, 3), 3);
  assert.equal(columnsOf(6, 400, 3), 1);
  assert.equal(columnsOf(5, 1000, 3), 3);
});
