// The part of the plane that a map shows, and where in the map's element its points lie.

/** @import { Box, Range, XY } from "../shared/types.d.ts" */

/** @typedef {{ x: Range, y: Range }} Ranges */

const CLOSEST = 2e-5; // of the whole view: closer, float32 would show as stairs
const FARTHEST = 40; // times the whole view

/** Ranges of two axes over a box of pixels: the whole view, or the part of it that a person zoomed to. */
export class Viewport {
  width = 0; // pixels of the whole element
  height = 0;
  /** @type {Box} pixels of the plot in it */
  box = { left: 0, top: 0, width: 1, height: 1 };
  #margin;
  /** @type {Ranges} */
  #home = { x: [0, 1], y: [0, 1] };
  /** @type {Ranges | null} */
  #part = null;

  /** @param {{left: number, right: number, top: number, bottom: number}} margin pixels around the plot */
  constructor(margin) {
    this.#margin = margin;
    this.resize(0, 0);
  }

  /**
   * @param {number} width of the whole element
   * @param {number} height
   */
  resize(width, height) {
    const { left, right, top, bottom } = this.#margin;
    Object.assign(this, { width, height });
    this.box = { left, top, width: Math.max(width - left - right, 1), height: Math.max(height - top - bottom, 1) };
  }

  /**
   * Sets the whole view, which `reset` comes back to; a part that is zoomed to stays.
   * @param {Ranges} ranges
   */
  setHome(ranges) {
    this.#home = ranges;
  }

  get x() {
    return (this.#part ?? this.#home).x;
  }

  get y() {
    return (this.#part ?? this.#home).y;
  }

  get zoomed() {
    return this.#part !== null;
  }

  reset() {
    this.#part = null;
  }

  /** The part of the plane that is zoomed to; null: all of it. */
  get part() {
    return this.#part;
  }

  /**
   * Zooms to a part, or shows all for null or where it is closer or farther than one can zoom.
   * @param {Ranges | null} part
   */
  show(part) {
    this.#part = null;
    if (!part) return;
    const { x, y } = part;
    const factors = [span(x) / span(this.#home.x), span(y) / span(this.#home.y)];
    if (factors.every((factor) => factor >= CLOSEST / 2 && factor <= FARTHEST * 2)) this.#part = { x, y };
  }

  /**
   * @param {number} factor above 1: closer
   * @param {XY | null} at a pixel that stays where it is; null: the middle
   */
  zoom(factor, at = null) {
    const { left, top, width, height } = this.box;
    const [u, v] = at ? [(at.x - left) / width, 1 - (at.y - top) / height] : [0.5, 0.5];
    const now = span(this.x) / span(this.#home.x);
    const by = Math.min(Math.max(now / factor, CLOSEST), FARTHEST) / now;
    this.#part = { x: scaled(this.x, u, by), y: scaled(this.y, v, by) };
  }

  /**
   * Drags the plane along by pixels.
   * @param {number} right
   * @param {number} down
   */
  pan(right, down) {
    const [x, y] = [this.x, this.y];
    const [dx, dy] = [(right / this.box.width) * span(x), (down / this.box.height) * span(y)];
    this.#part = { x: [x[0] - dx, x[1] - dx], y: [y[0] + dy, y[1] + dy] };
  }

  /**
   * The pixel of a point.
   * @param {number} x
   * @param {number} y
   * @returns {XY}
   */
  project(x, y) {
    const { left, top, width, height } = this.box;
    const [across, up] = [this.x, this.y];
    return { x: left + ((x - across[0]) / span(across)) * width, y: top + ((up[1] - y) / span(up)) * height };
  }

  /**
   * The point of a pixel.
   * @param {XY} at
   * @returns {XY}
   */
  unproject(at) {
    const { left, top, width, height } = this.box;
    const x = this.x[0] + ((at.x - left) / width) * span(this.x);
    const y = this.y[1] - ((at.y - top) / height) * span(this.y);
    return this.rounded(x, y);
  }

  /**
   * A point with no more digits than a pixel tells apart.
   * @param {number} x
   * @param {number} y
   * @returns {XY}
   */
  rounded(x, y) {
    return { x: rounded(x, span(this.x) / 500), y: rounded(y, span(this.y) / 500) };
  }

  /**
   * Whether a pixel lies in the plot.
   * @param {XY} at
   */
  holds({ x, y }) {
    const { left, top, width, height } = this.box;
    return x >= left - 1 && x <= left + width + 1 && y >= top - 1 && y <= top + height + 1;
  }
}

/** @param {Range} range */
export function span([low, high]) {
  return high - low;
}

/**
 * A range that is `by` times as wide around its part u.
 * @param {Range} range
 * @param {number} u
 * @param {number} by
 * @returns {Range}
 */
function scaled([low, high], u, by) {
  const at = low + u * (high - low);
  return [at + (low - at) * by, at + (high - at) * by];
}

/**
 * A value to a decimal unit near `unit`, without the noise of floating point.
 * @param {number} value
 * @param {number} unit
 */
export function rounded(value, unit) {
  const digits = Math.round(-Math.log10(unit));
  if (digits >= 0) return Number(value.toFixed(Math.min(digits, 100))) || 0;
  return Math.round(value / 10 ** -digits) * 10 ** -digits || 0;
}
