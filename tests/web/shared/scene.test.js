import assert from "node:assert/strict";
import { test } from "node:test";
import { decode, pathOf, place, valueAt } from "../../../app/arena/web/shared/scene.js";

/** @import * as json from "../../../app/arena/web/shared/json.d.ts" */

const VALUES = [0, 1, 2, 5, 10, 11, 12, 13, 0.5, 0.25, -1, -2, -3, -4];

/** @type {json.Variant} */
const RUN = {
  broken: false,
  ending: "Finished",
  axes: { steps: [0, 4] },
  channels: { loss: { axis: "steps", at: [4, 4] }, short: { axis: "steps", at: [8, 2] } },
};

/** @type {json.Map} */
const BARE = {
  ...{ title: "Two directions", x: { label: "x", range: null }, y: { label: "y", range: null }, path: ["x", "y"], grid: null },
  ...{ levels: [], logarithmic: false, measure: "loss", minimisers: [], start: [0, 0], clickable: false, words: "", note: "" },
};

/**
 * @param {Partial<json.Scene>} changed
 * @returns {json.Scene}
 */
function scene(changed = {}) {
  const contender = { label: "Adam", colour: "#000000", dash: [], ...RUN };
  const nothing = { panels: [], inside: [], algorithm: [], beneath: null, map: BARE, reference: "#777777", notice: "" };
  return { key: "beale", contenders: [contender], last: 5, ground: { light: [], dark: [] }, ...nothing, ...changed };
}

/** The buffer that Python sends, with `before` bytes in front of it. */
function buffer(before = 0) {
  const bytes = new Uint8Array(before + 4 * VALUES.length);
  const view = new DataView(bytes.buffer);
  VALUES.forEach((value, k) => view.setFloat32(before + 4 * k, value, true));
  return bytes.subarray(before);
}

test("an array is found by its offset and its length", () => {
  const [run] = decode(scene(), buffer()).contenders;
  assert.deepEqual([...run.axes.steps], [0, 1, 2, 5]);
  assert.deepEqual([...run.channels.loss.values], [10, 11, 12, 13]);
  assert.equal(run.channels.loss.axis, "steps");
  assert.equal(run.index, 0);
  assert.equal(run.label, "Adam");
});

test("a buffer may begin anywhere in a message", () => {
  for (const before of [0, 1, 3]) {
    const [run] = decode(scene(), buffer(before)).contenders;
    assert.deepEqual([...run.channels.loss.values], [10, 11, 12, 13]);
  }
});

test("the runs of all values of a hyperparameter are decoded too", () => {
  const variants = [RUN, { ...RUN, broken: true, channels: { loss: { axis: "steps", at: [10, 4] } } }];
  const contenders = scene().contenders.map((contender) => ({
    ...contender,
    variants: /** @type {json.Variant[]} */ (variants),
  }));
  const [contender] = decode(scene({ contenders }), buffer()).contenders;
  assert.deepEqual([...(contender.variants?.[1].channels.loss.values ?? [])], [-1, -2, -3, -4]);
  assert.equal(contender.variants?.[1].broken, true);
});

test("the heights of a landscape are decoded, and bare axes have none", () => {
  /** @type {json.Map} */
  const map = { ...BARE, grid: { columns: 2, rows: 2, x: [0, 1], y: [0, 1], height: [10, 4] } };
  assert.deepEqual([...(decode(scene({ map }), buffer()).map?.grid?.height ?? [])], [-1, -2, -3, -4]);
  assert.equal(decode(scene(), buffer()).map?.grid, null);
});

test("a step lies between two entries, and both ends clamp", () => {
  const axis = Float32Array.of(0, 1, 2, 5);
  assert.deepEqual(place(axis, 0), { i: 0, t: 0 });
  assert.deepEqual(place(axis, 1.25), { i: 1, t: 0.25 });
  assert.deepEqual(place(axis, 3.5), { i: 2, t: 0.5 });
  assert.deepEqual(place(axis, 2), { i: 2, t: 0 });
  assert.deepEqual(place(axis, -3), { i: 0, t: 0 });
  assert.deepEqual(place(axis, 99), { i: 3, t: 0 });
  assert.deepEqual(place([], 1), { i: 0, t: 0 });
});

test("place agrees with a search from the front on every step", () => {
  const axis = Array.from({ length: 40 }, (_, k) => k * k);
  for (let step = 0; step < 1521; step += 7.3) {
    const i = axis.findLastIndex((entry) => entry <= step);
    assert.equal(place(axis, step).i, i, String(step));
  }
});

/** @param {number[]} values */
function run(values) {
  return {
    ...{ broken: false, ending: "", axes: { steps: Float32Array.of(0, 1, 2, 5) } },
    channels: { loss: { axis: "steps", values: Float32Array.from(values) } },
  };
}

test("a value between two entries is interpolated", () => {
  assert.equal(valueAt(run([10, 20, 40, 100]), "loss", 0.5), 15);
  assert.equal(valueAt(run([10, 20, 40, 100]), "loss", 4), 80);
  assert.equal(valueAt(run([10, 20, 40, 100]), "loss", 77), 100);
});

test("where one neighbour is not finite the other stands for it", () => {
  assert.equal(valueAt(run([10, NaN, 40, Infinity]), "loss", 0.5), 10);
  assert.equal(valueAt(run([10, NaN, 40, Infinity]), "loss", 1.5), 40);
  assert.equal(valueAt(run([10, NaN, 40, Infinity]), "loss", 4), 40);
});

test("no channel is not the same as no value", () => {
  assert.equal(valueAt(run([1, 2, 3, 4]), "D", 1), undefined);
  assert.ok(Number.isNaN(valueAt(run([]), "loss", 1)));
});

test("a path has both coordinates or none", () => {
  const { axes, channels, ...rest } = run([1, 2, 3, 4]);
  assert.equal(pathOf({ ...rest, axes, channels }, ["loss", "y"]), undefined);
  const both = { ...rest, axes, channels: { x: channels.loss, y: channels.loss } };
  assert.deepEqual([...(pathOf(both, ["x", "y"])?.axis ?? [])], [0, 1, 2, 5]);
});
