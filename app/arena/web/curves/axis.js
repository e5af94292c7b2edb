// Data to pixels and back along one axis, and the part of all steps that is shown.

import { drawable, linearTicks, logTicks, symlogTicks } from "../shared/ticks.js";

/** @import { Range, Scale } from "../shared/types.d.ts" */

const FAR = 1e4; // pixels; further out a canvas loses precision, and nobody sees it
const FEWEST = 4; // steps that are shown at least

/** One axis: values between low and high onto pixels between start and end. */
export class Axis {
  #start;
  #low;
  #factor;

  /**
   * @param {Scale} scale
   * @param {Range} range [low, high] in data
   * @param {Range} pixels [start, end]; start > end for an axis that points up
   * @param {number} threshold where symlog turns linear, > 0
   */
  constructor(scale, range, pixels, threshold = 1) {
    this.scale = scale;
    this.range = range;
    this.threshold = threshold;
    this.#start = pixels[0];
    this.#low = this.#warp(range[0]);
    this.#factor = (pixels[1] - pixels[0]) / (this.#warp(range[1]) - this.#low || 1);
  }

  /** @param {number} value */
  #warp(value) {
    if (this.scale === "linear") return value;
    if (this.scale === "log") return Math.log10(value);
    const size = Math.abs(value) / this.threshold;
    return Math.sign(value) * (size <= 1 ? size : 1 + Math.log10(size));
  }

  /**
   * The pixel of a value; NaN where the scale has none.
   * @param {number} value
   */
  pixel(value) {
    if (!drawable(this.scale, value)) return NaN;
    return Math.min(FAR, Math.max(-FAR, this.#start + (this.#warp(value) - this.#low) * this.#factor));
  }

  /**
   * The value at a pixel.
   * @param {number} pixel
   */
  value(pixel) {
    const warped = this.#low + (pixel - this.#start) / this.#factor;
    if (this.scale === "linear") return warped;
    if (this.scale === "log") return 10 ** warped;
    const size = Math.abs(warped);
    return Math.sign(warped) * this.threshold * (size <= 1 ? size : 10 ** (size - 1));
  }

  /**
   * Its ticks, about `most` with numbers.
   * @param {number} most
   */
  ticks(most) {
    const [low, high] = this.range;
    if (this.scale === "log") return logTicks(low, high, most);
    if (this.scale === "symlog") return symlogTicks(low, high, this.threshold, most);
    return { major: linearTicks(low, high, most), minor: [], even: true };
  }
}

/** The part of all steps that is shown, the same for every panel. */
export class StepRange {
  last = 1;
  /** @type {Range | null} null: all steps */
  #part = null;

  /** @returns {Range} in steps */
  get range() {
    return this.#part ?? [0, this.last];
  }

  get zoomed() {
    return this.#part !== null;
  }

  reset() {
    this.#part = null;
  }

  /**
   * Takes the last step of all; what was zoomed into stays in sight.
   * @param {number} last
   */
  limit(last) {
    this.last = Math.max(1, last);
    if (this.#part) this.show(...this.#part);
  }

  /**
   * Shows [low, high], or as much of it as there is.
   * @param {number} low
   * @param {number} high
   */
  show(low, high) {
    const width = Math.max(high - low, Math.min(FEWEST, this.last));
    const start = Math.max(0, Math.min(low, this.last - width));
    this.#part = width >= this.last ? null : [start, start + width];
  }

  /**
   * Shows 1 / factor as many steps; the step `at` stays where it is.
   * @param {number} factor
   * @param {number} at
   */
  zoom(factor, at) {
    const [low, high] = this.range;
    const centre = Math.min(high, Math.max(low, at));
    const width = Math.max((high - low) / factor, Math.min(FEWEST, this.last));
    const start = centre - ((centre - low) / (high - low)) * width;
    this.show(start, start + width);
  }
}
