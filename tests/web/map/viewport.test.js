import assert from "node:assert/strict";
import { test } from "node:test";
import { Viewport } from "../../../app/arena/web/map/viewport.js";

/** A plot of 200 x 100 pixels at (50, 20), with x from 0 to 10 and y from -1 to 1. */
function viewport() {
  const view = new Viewport({ left: 50, right: 10, top: 20, bottom: 30 });
  view.resize(260, 150);
  view.setHome({ x: [0, 10], y: [-1, 1] });
  return view;
}

/**
 * @param {readonly number[]} values
 * @param {number[]} wanted
 */
function near(values, wanted) {
  values.forEach((value, k) => assert.ok(Math.abs(value - wanted[k]) < 1e-9, `${values} is not ${wanted}`));
}

test("points and pixels: y points up", () => {
  const view = viewport();
  assert.deepEqual(view.box, { left: 50, top: 20, width: 200, height: 100 });
  assert.deepEqual(view.project(0, 1), { x: 50, y: 20 });
  assert.deepEqual(view.project(5, 0), { x: 150, y: 70 });
  assert.deepEqual(view.unproject({ x: 250, y: 120 }), { x: 10, y: -1 });
});

test("a point has no more digits than a pixel tells apart", () => {
  const view = viewport();
  assert.deepEqual(view.rounded(1.23456789, 0.123456789), { x: 1.23, y: 0.12 });
  view.zoom(1000);
  assert.deepEqual(view.rounded(1.23456789, 0.123456789), { x: 1.23457, y: 0.12346 });
  view.setHome({ x: [0, 1e6], y: [0, 1e6] });
  view.reset();
  assert.deepEqual(view.rounded(123456, -3), { x: 123000, y: 0 });
});

test("a zoom keeps the pixel under the pointer where it is", () => {
  const view = viewport();
  const at = { x: 90, y: 40 };
  const before = [view.x[0] + 0.2 * 10, 1 - 0.2 * 2];
  view.zoom(3, at);
  const now = view.project(before[0], before[1]);
  near([now.x, now.y], [90, 40]);
  near([view.x[1] - view.x[0]], [10 / 3]);
  assert.equal(view.zoomed, true);
});

test("a zoom without a pixel is around the middle", () => {
  const view = viewport();
  view.zoom(2);
  near(view.x, [2.5, 7.5]);
  near(view.y, [-0.5, 0.5]);
});

test("a zoom has its limits on both sides", () => {
  const view = viewport();
  for (let k = 0; k < 60; k += 1) view.zoom(2);
  near([(view.x[1] - view.x[0]) * 1e6], [200]); // 2e-5 of the whole
  for (let k = 0; k < 60; k += 1) view.zoom(0.5);
  near([view.x[1] - view.x[0]], [400]);
});

test("a drag takes the plane along", () => {
  const view = viewport();
  const { x, y } = view.project(4, 0.5);
  view.pan(30, -12);
  const moved = view.project(4, 0.5);
  near([moved.x, moved.y], [x + 30, y - 12]);
});

test("another home leaves what was zoomed into, and a reset goes there", () => {
  const view = viewport();
  view.zoom(2);
  view.setHome({ x: [0, 100], y: [0, 100] });
  near(view.x, [2.5, 7.5]);
  view.reset();
  assert.deepEqual([view.x, view.zoomed], [[0, 100], false]);
});

test("only pixels of the plot lie in it", () => {
  const view = viewport();
  assert.equal(view.holds({ x: 50, y: 20 }), true);
  assert.equal(view.holds({ x: 251, y: 121 }), true);
  assert.equal(view.holds({ x: 48, y: 60 }), false);
  assert.equal(view.holds({ x: 100, y: 123 }), false);
});
