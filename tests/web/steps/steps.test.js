import assert from "node:assert/strict";
import { test } from "node:test";
import { evaluate, pair, reader } from "../../../app/arena/web/steps/expression.js";
import { moved } from "../../../app/arena/web/steps/steps.js";
import { holesOf, inHole, longest, withHoles } from "../../../app/arena/web/steps/template.js";
import { change, why } from "../../../app/arena/web/steps/why.js";

/** @import { Algorithm, Run } from "../../../app/arena/web/shared/types.d.ts" */

/** @type {Record<string, number | number[]>} */
const VALUES = { a: 6, b: 0.5, v: [3, 4] };

/** @param {string} name */
const read = (name) => VALUES[name];

test("expressions are worked out, on vectors coordinate by coordinate", () => {
  assert.equal(evaluate(["quotient", "a", ["product", "b", 4]], read), 3);
  assert.equal(evaluate(["root", 9], read), 3);
  assert.deepEqual(evaluate(["sum", "v", ["product", 2, "v"]], read), [9, 12]);
  assert.equal(evaluate(["second", "v"], read), 4);
  assert.deepEqual(evaluate(["shorten", 2.5, "v"], read), [1.5, 2]);
  assert.deepEqual(evaluate(["shorten", 10, "v"], read), [3, 4]);
});

test("1 - base^power keeps its digits where base is near 1", () => {
  const value = Number(evaluate(["rest", 1 - 2 ** -40, 1], read));
  assert.ok(Math.abs(value / 2 ** -40 - 1) < 1e-12, String(value));
});

test("what was not recorded makes the whole expression unknown", () => {
  assert.equal(evaluate(["sum", "a", "missing"], read), undefined);
});

test("an operation that does not exist is an error", () => {
  const unknown = /** @type {import("../../../app/arena/web/shared/json.d.ts").Expression} */ (
    /** @type {unknown} */ (["power", 2, 3])
  );
  assert.throws(() => evaluate(unknown, read), /no operation power/);
});

/** @type {Run} */
const RUN = {
  ...{ broken: false, ending: "" },
  axes: { steps: Float32Array.of(0, 1, 2) },
  channels: {
    D: { axis: "steps", values: Float32Array.of(1, 2, 4) },
    gx: { axis: "steps", values: Float32Array.of(5, 6, 7) },
    gy: { axis: "steps", values: Float32Array.of(8, 9, 10) },
  },
};
/** @type {Algorithm} */
const ALGORITHM = {
  ...{ settings: "", rule: "none", first: null, groups: [] },
  vectors: { gradient: ["gx", "gy"] },
  derived: { twice: ["product", 2, "D+"] },
};

test("a name is read before the step, and with a plus after it", () => {
  const at = reader(RUN, ALGORITHM, 1);
  assert.equal(at("D"), 2);
  assert.equal(at("D+"), 4);
  assert.deepEqual(at("gradient"), [6, 9]);
  assert.equal(at("twice"), 8);
  assert.equal(at("t"), 2);
  assert.equal(at("m"), undefined);
  assert.equal(reader(RUN, ALGORITHM, 2)("gradient+"), undefined);
});

test("a step needs two neighbouring entries", () => {
  const kept = [0, 4, 5, 9, 20, 21];
  assert.deepEqual(
    [4, 5, 7.5, 9, 25].map((step) => pair(kept, step)),
    [1, 1, 1, undefined, 4],
  );
  assert.equal(pair([0], 0), undefined);
});

test("a template's holes are found, with those that follow a sign", () => {
  const template = "{b3} · {numerator} + {inner}<sup>{t}</sup>, {D+}";
  assert.deepEqual(holesOf(template), [
    { name: "b3", factor: false },
    { name: "numerator", factor: true },
    { name: "inner", factor: true },
    { name: "t", factor: false },
    { name: "D+", factor: false },
  ]);
  assert.equal(withHoles("{D+} x"), '<span data-name="D+"></span> x');
});

test("a number below 0 stands in brackets behind a sign only", () => {
  assert.equal(inHole({ name: "D", factor: true }, -2), "(-2)");
  assert.equal(inHole({ name: "D", factor: false }, -2), "-2");
  assert.equal(inHole({ name: "g", factor: true }, [-1, 0.5]), "(-1, 0.5)");
  assert.equal(inHole({ name: "t", factor: false }, 12345), "12,345");
  assert.equal(inHole({ name: "D", factor: false }, undefined), "");
});

test("the longest text of a hole is as long as any that may stand there", () => {
  for (const value of [-1.234e-56, 0.1, 123456]) {
    assert.ok(
      longest({ name: "D", factor: false }, value).length >= inHole({ name: "D", factor: false }, Math.abs(value)).length,
    );
  }
  assert.match(longest({ name: "g", factor: false }, [1, 2]), /^\(.*,.*\)$/);
});

test("how far one number is from another", () => {
  assert.equal(change(0.1, 0.15), "50 %");
  assert.equal(change(0.1, 0.32), "3.2-fold");
  assert.equal(change(100, 63), "37 %");
  assert.equal(change(1, 1 + 1e-6), "< 0.01 %");
  assert.equal(change(1, 1), "0 %");
  assert.equal(change(-1, 18), "");
  assert.equal(change(0, 1), "");
  assert.deepEqual([moved(1, 2), moved(2, 1), moved(3, 3), moved(1, Infinity)], ["↑ 2-fold", "↓ 50 %", "=", ""]);
});

/** @param {Record<string, number>} numbers */
const reason = (numbers, rule = "prodigy") => why({ rule, first: 1e-6 }, (name) => numbers[name]);

test("why D rose or stayed", () => {
  const step = { t: 40, D: 0.1, d_hat: 0.1, inner: 2, numerator: 10, "numerator+": 18, effective_step: 0.1 };
  const sums = { denominator: 100, "denominator+": 120 };
  assert.match(reason({ ...step, ...sums, "D+": 0.15, "d_hat+": 0.15 }), /^D rose by 50 %: .*⟨g, x₀ − x⟩ is positive/);
  assert.match(reason({ ...step, ...sums, "D+": 0.1, "d_hat+": NaN }), /d̂ is not defined/);
  assert.match(reason({ ...step, ...sums, "D+": 0.1, "d_hat+": 0.05, inner: -1 }), /went past a low place/);
  assert.match(reason({ ...step, ...sums, "D+": 0.1, "d_hat+": -0.2 }), /numerator is still below 0/);
  assert.match(reason({ D: 1, "D+": 2 }, "farthest"), /^D rose 2-fold: x is farther/);
  assert.match(reason({ D: 1, "D+": 0.5 }, "bets"), /bets on the way it goes lost/);
  assert.match(reason({ rate: 0.1 }, "set"), /the learning rate, 0.1 at this step/);
});

test("of a quotient that moved, each sum is told: grown, shrunk, the same, or of another sign", () => {
  const step = { t: 40, D: 0.1, d_hat: 0.09, inner: 2, effective_step: 0.1, numerator: 10 };
  const told = (/** @type {Record<string, number>} */ sums) => reason({ ...step, ...sums });
  const fell = { "D+": 0.1, "d_hat+": 0.08 };
  const shrank = told({ ...fell, "numerator+": 10, denominator: 100, "denominator+": 120 });
  assert.match(shrank, /the numerator stayed, the denominator grew by 20 %\. So d̂ fell to 0.08; D remembers the largest/);
  const crossed = told({ ...fell, "numerator+": -3, denominator: 100, "denominator+": 50 });
  assert.match(crossed, /the numerator went from 10 to -3, the denominator shrank by 50 %/);
  const rose = told({ "D+": 0.2, "d_hat+": 0.2, "numerator+": 9, denominator: 100, "denominator+": 45 });
  assert.match(rose, /^D rose 2-fold: .* The quotient grew: the numerator shrank by 10 %, the denominator shrank by 55 %\./);
});

test("what keeps D where it is has a sentence of its own", () => {
  const step = { t: 40, D: 0.1, "D+": 0.1, d_hat: 0.1, "d_hat+": 0.1, inner: 2, effective_step: 0.1 };
  assert.match(reason({ ...step, effective_step: 0 }), /the learning rate is 0 at this step/);
  assert.match(reason({ ...step, inner: 0, t: 1 }), /at the start x₀ − x is 0/);
  assert.match(reason({ ...step, inner: 0 }), /adds nothing to the numerator/);
  assert.match(reason({ ...step, D: 1e-6, "D+": 1e-6, "d_hat+": 1e-9 }), /^D is still d₀/);
  assert.match(reason(step), /in all its digits/);
  assert.match(reason({ ...step, d_hat: 0.05, "d_hat+": 0.06 }), /d̂ grew to 0.06, but D remembers/);
});

test("a D that a knob holds below its estimate is not explained by the estimate", () => {
  const step = { t: 40, D: 0.1, d_hat: 0.2, inner: 2, effective_step: 0.1, numerator: 10, "numerator+": 18 };
  assert.match(reason({ ...step, "D+": 0.1, "d_hat+": 0.2 }), /^D stayed although d̂.*0\.2 is above it: a knob holds it/);
  assert.match(reason({ ...step, "D+": 0.1, "d_hat+": 0.2, inner: -1 }), /a knob holds it/);
  assert.match(reason({ ...step, "D+": 0.11, "d_hat+": 0.2 }), /^D rose by 10 %: .* growth_rate lets D rise no faster/);
  assert.match(reason({ ...step, "D+": 0.11, "d_hat+": 0.05 }), /^D rose by 10 %, which is as fast as growth_rate lets it/);
});

test("after a hand-over D stands still because nobody estimates it", () => {
  const step = { t: 40, D: 0.1, d_hat: 0.1 };
  assert.match(reason({ ...step, "D+": 0.2, "d_hat+": 0.2 }, "handed"), /^D rose 2-fold: the new estimate/);
  assert.match(reason({ ...step, "D+": 0.1, "d_hat+": 0.05 }, "handed"), /the new estimate .* is not above it/);
  assert.match(reason({ ...step, "D+": 0.1, "d_hat+": 0.1 }, "handed"), /Prodigy has handed it over/);
  assert.match(reason({ ...step, "D+": 0.1, "d_hat+": 0.1, effective_step: 0 }, "handed"), /the learning rate is 0/);
  assert.match(reason({ ...step, t: 1, d_hat: NaN, "D+": 0.1, "d_hat+": NaN }, "handed"), /d̂ is not defined/);
});
