import assert from "node:assert/strict";
import { test } from "node:test";
import { columnsOf } from "../../../app/arena/web/controls/readout.js";
import { next, previous } from "../../../app/arena/web/controls/transport.js";
import { heightsOf } from "../../../app/arena/web/controls/variants.js";

/** @import { Contender } from "../../../app/arena/web/shared/types.d.ts" */

/**
 * @param {...string} names of its channels
 * @returns {Contender}
 */
function contender(...names) {
  const channels = Object.fromEntries(names.map((name) => [name, { axis: "steps", values: new Float32Array(1) }]));
  return { index: 0, label: "", colour: "", dash: [], broken: false, ending: "", axes: {}, channels };
}

test("one step on is the next entry of a thinned run, one back the one before", () => {
  const axis = [0, 1, 2, 10, 20];
  assert.equal(next(axis, 2), 10);
  assert.equal(next(axis, 4), 10);
  assert.equal(next(axis, 20), 20);
  assert.equal(previous(axis, 10), 2);
  assert.equal(previous(axis, 12), 10);
  assert.equal(previous(axis, 0), 0);
});

test("the table has the columns that any contender has a channel for", () => {
  const heads = columnsOf([contender("loss", "distance"), contender("loss", "D")]).map(({ head }) => head);
  assert.deepEqual(heads, ["Loss", "D", "L∞ from the start"]);
});

test("the loss of the validation takes the place of the loss", () => {
  const heads = columnsOf([contender("loss", "validation_loss")]).map(({ head }) => head);
  assert.deepEqual(heads, ["Validation loss"]);
});

test("a model's score stands before its loss", () => {
  const score = { channel: "validation_accuracy", name: "Validation accuracy", percent: true, note: "" };
  const columns = columnsOf([contender("loss", "validation_loss", "validation_accuracy")], score);
  assert.deepEqual(
    columns.map(({ head, percent }) => [head, percent]),
    [
      ["Validation accuracy", true],
      ["Validation loss", undefined],
    ],
  );
});

test("final losses stand on a logarithmic scale where all are above 0", () => {
  assert.deepEqual(heightsOf([1e-4, null, 1, 1e-2]), [0, null, 1, 0.5]);
});

test("final losses of 0 and below stand on a linear scale", () => {
  assert.deepEqual(heightsOf([-1, 0, 3, null]), [0, 0.25, 1, null]);
  assert.deepEqual(heightsOf([5, 5]), [0, 0]);
});
