import assert from "node:assert/strict";
import { test } from "node:test";
import { ticks } from "../../../app/arena/web/surface/box.js";
import { Camera, FLOOR, TALL } from "../../../app/arena/web/surface/camera.js";
import { levelLines, normal, trianglesOf } from "../../../app/arena/web/surface/mesh.js";
import { palette, Picture } from "../../../app/arena/web/surface/picture.js";
import { Relief } from "../../../app/arena/web/surface/relief.js";
import { partOver } from "../../../app/arena/web/surface/trail.js";
import { bestView } from "../../../app/arena/web/surface/view.js";

/** @param {number} azimuth */
function camera(azimuth, elevation = 0.7) {
  const it = new Camera();
  it.resize(400, 300);
  it.settle(azimuth, elevation);
  return it;
}

/**
 * @param {Camera} from
 * @param {[number, number, number]} point
 */
const seen = (from, point) => from.project(Float32Array.from(point), new Float32Array(3));

test("the axis of the block is seen upright in the middle", () => {
  for (const azimuth of [0, 1, -2]) {
    const [top, bottom] = [seen(camera(azimuth), [0, 0, TALL / 2]), seen(camera(azimuth), [0, 0, FLOOR])];
    assert.equal(top[0], 200);
    assert.equal(bottom[0], 200);
    assert.ok(top[1] < bottom[1], "up is up");
  }
});

test("the nearer of two points is larger and in front", () => {
  const [near, far] = [seen(camera(0), [0, -1, 0]), seen(camera(0), [0, 1, 0])];
  assert.ok(near[2] > far[2]);
  assert.ok(near[1] > far[1], "what is near stands lower");
  const width = (/** @type {number} */ v) => seen(camera(0), [1, v, 0])[0] - seen(camera(0), [-1, v, 0])[0];
  assert.ok(width(-1) > width(1));
});

test("every corner of the block is on the picture, from all sides", () => {
  for (let azimuth = 0; azimuth < 6.3; azimuth += 0.3) {
    for (const elevation of [0.09, 0.7, 1.45]) {
      for (const corner of [0, 1, 2, 3, 4, 5, 6, 7]) {
        const [u, v, w] = [corner & 1 ? 1 : -1, corner & 2 ? 1 : -1, corner & 4 ? TALL / 2 : FLOOR];
        const [x, y] = seen(camera(azimuth, elevation), [u, v, w]);
        assert.ok(x > 0 && x < 400 && y > 0 && y < 300, `${azimuth} ${elevation}: ${x}, ${y}`);
      }
    }
  }
});

test("a zoom keeps what is under the pointer where it is", () => {
  const it = camera(0.4);
  const point = /** @type {[number, number, number]} */ ([0.3, -0.2, 0.1]);
  it.scale(2);
  const [x, y] = seen(it, point);
  it.scale(1.5, x - 200, 0);
  assert.ok(Math.abs(seen(it, point)[0] - x) < 1e-3);
  assert.ok(Number.isFinite(y));
  assert.equal(it.moved, true);
  it.reset();
  assert.equal(it.moved, false);
});

test("the camera goes neither below the ground nor over the top", () => {
  const it = camera(0);
  it.turn(0, 10);
  assert.ok(it.elevation < Math.PI / 2);
  it.turn(0, -10);
  assert.ok(it.elevation > 0);
});

test("a normal has unit length and leans away from the slope", () => {
  const [u, v, w] = normal(2, 0);
  assert.ok(Math.abs(Math.hypot(u, v, w) - 1) < 1e-12);
  assert.ok(u < 0 && v === 0 && w > 0);
  assert.deepEqual(normal(0, 0).map(Math.abs), [0, 0, 1]);
});

test("cells are cut along the diagonal that bends less, and none has a corner that is nowhere", () => {
  assert.deepEqual([...trianglesOf(2, 2, Float32Array.of(0, 9, 1, 0))], [0, 1, 3, 0, 3, 2]);
  assert.deepEqual([...trianglesOf(2, 2, Float32Array.of(0, 1, 1, 9))], [0, 1, 2, 1, 3, 2]);
  assert.deepEqual([...trianglesOf(2, 2, Float32Array.of(0, 1, 1, NaN))], [0, 1, 2]);
});

test("a level line crosses a triangle where the height is its level", () => {
  const points = Float32Array.of(0, 0, 0, 1, 0, 1, 0, 1, 0);
  const ends = levelLines(Uint32Array.of(0, 1, 2), points, Float32Array.of(0, 1, 0), [0.25], 0);
  const [a, b] = [ends.slice(0, 3), ends.slice(3, 6)].map((end) => [...end]);
  assert.deepEqual(
    [a, b].sort((one, other) => one[1] - other[1]),
    [
      [0.25, 0, 0.25],
      [0.25, 0.75, 0.25],
    ],
  );
});

test("what is behind a filled triangle is hidden, and what lies on it is not", () => {
  const picture = new Picture();
  picture.clear(20, 20, 1);
  const nearness = 0.15;
  const corners = Float32Array.of(0, 0, nearness, 20, 0, nearness, 0, 20, nearness);
  const mesh = { corners: [0, 1, 2], seen: corners, heights: new Float32Array(3), shades: new Float32Array(3) };
  picture.fill(
    mesh,
    palette(() => [0, 0, 0]),
  );
  assert.equal(picture.shows(4, 4, 0.16, 0), true);
  assert.equal(picture.shows(4, 4, 0.14, 0), false);
  assert.equal(picture.shows(4, 4, 0.1499, 0.035), true);
  assert.equal(picture.shows(17, 17, 0.01, 0), true, "beside the triangle");
  assert.equal(picture.shows(-5, 4, 0.01, 0), true, "outside the picture");
});

test("a step that flies off is seen as far as the edge of the ground", () => {
  assert.deepEqual(
    partOver(
      [0, 0],
      [10, 0],
      [
        [-5, 5],
        [-5, 5],
      ],
    ),
    [0, 0.5],
  );
  assert.deepEqual(
    partOver(
      [-10, 0],
      [10, 0],
      [
        [-5, 5],
        [-5, 5],
      ],
    ),
    [0.25, 0.75],
  );
  assert.deepEqual(
    partOver(
      [1, 1],
      [2, 2],
      [
        [-5, 5],
        [-5, 5],
      ],
    ),
    [0, 1],
  );
});

test("ticks are round numbers within the range, about so many", () => {
  assert.deepEqual(ticks([0, 10], 5), [0, 2, 4, 6, 8, 10]);
  assert.deepEqual(ticks([-1.2, 1.2], 5), [-1, -0.5, 0, 0.5, 1]);
  assert.deepEqual(ticks([3, 3], 4), [3]);
  assert.deepEqual(ticks([NaN, NaN], 4), []);
});

/**
 * A flat ground with a wall along one side.
 * @param {(column: number) => boolean} walled
 */
function relief(walled) {
  const side = 21;
  const height = Float32Array.from({ length: side * side }, (_, k) => (walled(k % side) ? 10 : 0));
  return new Relief({ columns: side, rows: side, x: [0, 20], y: [0, 20], height }, [5]);
}

test("a point of the ground has its place in the box, and none outside", () => {
  const ground = relief((column) => column < 3);
  assert.deepEqual(ground.on(10, 20, 0), [0, 1, -TALL / 2]);
  assert.deepEqual(ground.on(0, 10, 0.5), [-1, 0, TALL / 2 + 0.5]);
  assert.equal(ground.on(21, 0, 0), undefined);
});

test("the surface is first seen from where no wall hides a path", () => {
  /** @type {(ground: Relief, x: number) => number} */
  const azimuth = (ground, x) => bestView(ground, [Float32Array.from(ground.on(x, 10, 0.012) ?? [])])[0];
  // The first of all views looks over the side of large x.
  assert.equal(
    azimuth(
      relief((column) => column < 3),
      3.5,
    ),
    -0.62,
  );
  const evading = azimuth(
    relief((column) => column > 17),
    16.5,
  );
  assert.ok(evading > 0, String(evading));
});
