// Why the estimate D rose in a step or did not: conditions on the numbers of the step, each with its sentence.

import { number } from "../shared/format.js";

/**
 * @import { Algorithm } from "../shared/types.d.ts"
 * @import { Reader } from "./expression.js"
 */

/** @typedef {(name: string) => number} Numbers the numbers of the step, NaN where there is none */

/**
 * How far one number is from another: "5.4 %", or "3.2-fold" where that says more; "" where neither means anything.
 * @param {number} before
 * @param {number} after
 */
export function change(before, after) {
  const ratio = after / before;
  if (!Number.isFinite(ratio) || !(ratio > 0)) return "";
  if (ratio >= 2) return `${Number(ratio.toPrecision(2))}-fold`;
  const percent = 100 * Math.abs(ratio - 1);
  return percent < 0.01 && percent > 0 ? "< 0.01 %" : `${Number(percent.toPrecision(2))} %`;
}

/**
 * Which way a number went, and how far, in words.
 * @param {number} before
 * @param {number} after
 */
function moved(before, after) {
  if (!change(before, after)) return `went from ${number(before)} to ${number(after)}`;
  if (after === before) return "stayed";
  const grew = Math.abs(after) > Math.abs(before);
  return `${grew ? "grew" : "shrank"} ${by(change(before, after))}`;
}

/** Relative difference between D and d̂ that rounding to float32 may leave. */
const ROUNDING = 1e-5;

/** @param {Numbers} read */
function rose(read) {
  return `D rose ${by(change(read("D"), read("D+")))}`;
}

/** @param {string} distance "5 %" or "3.2-fold" */
function by(distance) {
  return distance.endsWith("%") ? `by ${distance}` : distance;
}

/**
 * What there is to say, by the name of the rule; the first condition that holds. `first` is the first D.
 * @type {Record<string, (read: Numbers, first: number) => string>}
 */
const REASONS = {
  prodigy(read, first) {
    const [d, estimate, inner] = ["D", "d_hat+", "inner"].map(read);
    const hat = `d̂\u00a0=\u00a0${number(estimate)}`;
    const sums =
      `the numerator ${moved(read("numerator"), read("numerator+"))}, ` +
      `the denominator ${moved(read("denominator"), read("denominator+"))}`;
    if (read("D+") > d) {
      const reason =
        inner > 0 && read("numerator+") > read("numerator")
          ? "⟨g, x₀ − x⟩ is positive: farther from the start it still goes downhill, so the numerator grew faster than " +
            "the denominator."
          : `The quotient grew: ${sums}.`;
      if (estimate < d * (1 - ROUNDING)) {
        return `${rose(read)}, which is as fast as growth_rate lets it follow the largest estimate so far.`;
      }
      if (read("D+") < estimate * (1 - ROUNDING)) {
        return `${rose(read)}: ${hat} is above it, and growth_rate lets D rise no faster. ${reason}`;
      }
      return `${rose(read)}: ${hat} is above it. ${reason}`;
    }
    if (read("effective_step") === 0) {
      return "D stayed: the learning rate is 0 at this step. Its gradient adds nothing to the numerator; x stays too.";
    }
    if (!Number.isFinite(estimate)) return "D stayed: d̂ is not defined, for there is no gradient in the denominator.";
    if (inner === 0 && read("t") === 1) {
      return "D stayed: at the start x₀ − x is 0, and so is ⟨g, x₀ − x⟩. The first step has only d₀ to go by.";
    }
    if (estimate > d * (1 + ROUNDING)) {
      return `D stayed although ${hat} is above it: a knob holds it, stop_d_at or growth_rate.`;
    }
    if (inner === 0) return "D stayed: ⟨g, x₀ − x⟩ is 0, so this step adds nothing to the numerator.";
    if (inner < 0) {
      return (
        "D stayed: ⟨g, x₀ − x⟩ is negative: farther from the start it goes uphill. The path went past a low " +
        `place, or turned back. That pulls the numerator down; ${hat} is not above D.`
      );
    }
    if (Math.abs(d / first - 1) < 1e-5) {
      return (
        "D is still d₀: the steps so far are so tiny that x₀ − x is about 0, and with it the numerator. " +
        `${hat} must grow beyond d₀ first.`
      );
    }
    if (estimate >= d) return `D stayed, in all its digits: ${hat} is as large as D.`;
    if (estimate < 0) {
      return (
        "D stayed: ⟨g, x₀ − x⟩ is positive again, but the numerator is still below 0 from the steps before, " +
        `and with it ${hat}.`
      );
    }
    if (estimate > read("d_hat")) {
      return `D stayed: d̂ grew to ${number(estimate)}, but D remembers the largest so far, which is above it.`;
    }
    return `D stayed: ${sums}. So d̂ fell to ${number(estimate)}; D remembers the largest so far.`;
  },
  estimate(read) {
    const hat = `d̂\u00a0=\u00a0${number(read("d_hat+"))}`;
    if (read("D+") > read("D")) return `${rose(read)}: the new estimate ${hat} is above it.`;
    return Number.isFinite(read("d_hat+"))
      ? `D stayed: the new estimate ${hat} is not above it.`
      : "D stayed: d̂ is not defined, for there is no gradient in the denominator.";
  },
  handed(read) {
    const hat = `d̂\u00a0=\u00a0${number(read("d_hat+"))}`;
    if (read("D+") > read("D")) return `${rose(read)}: the new estimate ${hat} is above it.`;
    if (read("effective_step") === 0) return "D stayed: the learning rate is 0 at this step.";
    if (read("d_hat+") === read("d_hat")) {
      return "D stands still: Prodigy has handed it over, and Adam takes the steps, at a learning rate of D times the factor.";
    }
    return Number.isFinite(read("d_hat+"))
      ? `D stayed: the new estimate ${hat} is not above it.`
      : "D stayed: d̂ is not defined, for there is no gradient in the denominator.";
  },
  farthest: (read) =>
    read("D+") > read("D")
      ? `${rose(read)}: x is farther from the start than ever before.`
      : "D stayed: x is not farther from the start than it was before.",
  bets(read) {
    const [before, after] = [read("D"), read("D+")];
    if (after > before) return `${rose(read)}: Mechanic’s bets on the way it goes won.`;
    if (after < before) return "D fell: Mechanic’s bets on the way it goes lost.";
    return "D stayed: the bets neither won nor lost.";
  },
  set: (read) =>
    `There is no D here: the learning rate, ${number(read("rate"))} at this step, knows nothing of the distance. ` +
    "A good one must be found by trying.",
  none: () => "This optimizer keeps no estimate D of the distance.",
};

/**
 * Why D rose in a step or did not, in a sentence or two.
 * @param {Pick<Algorithm, "rule" | "first">} algorithm
 * @param {Reader} read
 */
export function why({ rule, first }, read) {
  return REASONS[rule]((name) => {
    const value = read(name);
    return typeof value === "number" ? value : NaN;
  }, first ?? NaN);
}
