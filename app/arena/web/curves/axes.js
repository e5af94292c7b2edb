// Data to pixels and back, for one axis and for the frame of a plot; the frame's grid, ticks and their labels.

import { count, short } from "../shared/format.js";
import { drawable, linearTicks, logTicks, symlogTicks } from "./ticks.js";
import { place } from "../shared/scene.js";

const TICK = 12; // px, the size of tick labels
const FAR = 1e4; // px; further out a canvas loses precision, and nobody sees it
const BUCKETS = 2; // of a long line a pixel: one for each physical pixel of most screens

/** The fixed room around a plot, in px: nothing jumps when the numbers grow longer. */
export const GUTTER = { left: 52, right: 14, top: 9, bottom: 7, labelled: 23 };

/** One axis: values between low and high onto pixels between start and end. */
export class Axis {
  /**
   * @param {"linear" | "log" | "symlog"} scale
   * @param {number[]} range [low, high] in data
   * @param {number[]} pixels [start, end]; start > end for an axis that points up
   * @param {number} threshold where symlog turns linear, > 0
   */
  constructor(scale, range, pixels, threshold = 1) {
    Object.assign(this, { scale, range, start: pixels[0], threshold });
    this.low = this.warp(range[0]);
    this.factor = (pixels[1] - pixels[0]) / (this.warp(range[1]) - this.low || 1);
  }

  warp(value) {
    if (this.scale === "linear") return value;
    if (this.scale === "log") return Math.log10(value);
    const size = Math.abs(value) / this.threshold;
    return Math.sign(value) * (size <= 1 ? size : 1 + Math.log10(size));
  }

  /** The pixel of a value; NaN where the scale has none. */
  pixel(value) {
    if (!drawable(this.scale, value)) return NaN;
    return Math.min(FAR, Math.max(-FAR, this.start + (this.warp(value) - this.low) * this.factor));
  }

  /** The value at a pixel. */
  value(pixel) {
    const warped = this.low + (pixel - this.start) / this.factor;
    if (this.scale === "linear") return warped;
    if (this.scale === "log") return 10 ** warped;
    const size = Math.abs(warped);
    return Math.sign(warped) * this.threshold * (size <= 1 ? size : 10 ** (size - 1));
  }

  /** Where its ticks stand. */
  ticks(most) {
    const [low, high] = this.range;
    if (this.scale === "log") return logTicks(low, high, most);
    if (this.scale === "symlog") return symlogTicks(low, high, this.threshold, most);
    return { major: linearTicks(low, high, most), minor: [], even: true };
  }
}

/** The part of all steps that is shown, the same for every panel. */
export class StepRange {
  constructor() {
    this.last = 1;
    this.zoomed = null;
  }

  /** [low, high] in steps. */
  get range() {
    return this.zoomed ?? [0, this.last];
  }

  /** The run may have grown; what was zoomed into stays in sight. */
  limit(last) {
    this.last = Math.max(1, last);
    if (this.zoomed) this.show(...this.zoomed);
  }

  /** Shows [low, high], or as much of it as there is. */
  show(low, high) {
    const width = Math.max(high - low, Math.min(4, this.last));
    const start = Math.max(0, Math.min(low, this.last - width));
    this.zoomed = width >= this.last ? null : [start, start + width];
  }

  /** Shows 1 / factor as many steps; the step `at` stays where it is. */
  zoom(factor, at) {
    const [low, high] = this.range;
    const centre = Math.min(high, Math.max(low, at));
    const width = Math.max((high - low) / factor, Math.min(4, this.last));
    const start = centre - ((centre - low) / (high - low)) * width;
    this.show(start, start + width);
  }
}

/** The frame of one plot: a step axis, a value axis (null where nothing is drawn), the grid and the labels. */
export class Frame {
  /** @param {boolean} labelled whether the steps are written below it */
  constructor(width, height, labelled) {
    this.width = width;
    this.height = height;
    this.labelled = labelled;
    this.left = GUTTER.left;
    this.right = Math.max(GUTTER.left + 1, width - GUTTER.right);
    this.top = GUTTER.top;
    this.bottom = Math.max(GUTTER.top + 1, height - (labelled ? GUTTER.labelled : GUTTER.bottom));
    this.y = null;
    this.exponent = 0;
  }

  setSteps(range) {
    this.x = new Axis("linear", range, [this.left, this.right]);
  }

  /** Sets the value axis and its labels; `exponent` is then the power of ten that all of them share, or 0. */
  setValues(scale, range, threshold) {
    this.y = range && new Axis(scale, range, [this.bottom, this.top], threshold);
    const most = Math.max(3, Math.min(6, Math.floor((this.bottom - this.top) / 24)));
    this.ticks = this.y ? this.y.ticks(most) : { major: [], minor: [], even: true };
    [this.labels, this.exponent] = this.ticks.even ? evenLabels(this.ticks.major) : [logLabels(this.ticks.major), 0];
  }

  /** Draws grid and labels. */
  paint(context, theme) {
    context.lineWidth = 1;
    context.setLineDash([]);
    context.strokeStyle = theme.grid;
    context.fillStyle = theme.muted;
    context.textBaseline = "middle";
    this.ticks.major.forEach((value, k) => {
      const y = this.y.pixel(value);
      this.rule(context, this.left, y, this.right, y);
      label(context, this.labels[k], this.left - 7, y, theme.font, this.left - 9);
    });
    for (const value of this.ticks.minor) {
      const y = this.y.pixel(value);
      this.rule(context, this.left, y, this.left + 4, y);
    }
    this.paintSteps(context, theme);
  }

  paintSteps(context, theme) {
    const most = Math.max(2, Math.min(6, 1 + Math.floor((this.right - this.left) / 54)));
    context.font = `${TICK}px ${theme.font}`;
    const y = this.bottom + 14;
    for (const step of linearTicks(...this.x.range, most, true)) {
      const x = this.x.pixel(step);
      this.rule(context, x, this.top, x, this.bottom);
      if (!this.labelled) continue;
      const half = context.measureText(count(step)).width / 2;
      context.textAlign = "center";
      context.fillText(count(step), Math.min(x, this.width - half), y);
    }
    if (!this.labelled) return;
    context.textAlign = "right"; // in the gutter, where it costs no line of its own
    context.fillText("step", this.left - 14, y);
  }

  /** A line of one physical row or column of pixels, not of two half-lit ones. */
  rule(context, x0, y0, x1, y1) {
    const crisp = (value) => Math.round(value - 0.5) + 0.5;
    context.beginPath();
    context.moveTo(y0 === y1 ? x0 : crisp(x0), y0 === y1 ? crisp(y0) : y0);
    context.lineTo(y0 === y1 ? x1 : crisp(x1), y0 === y1 ? crisp(y1) : y1);
    context.stroke();
  }

  /**
   * A line's points in pixels, x and y in turn, NaN for a gap. Of a line with more points than pixels each column keeps
   * its first, lowest, highest and last, so that no spike is lost.
   */
  points(axis, values) {
    const [low, high] = this.x.range;
    const from = place(axis, low).i;
    const to = Math.min(values.length - 1, place(axis, high).i + 1);
    const found = [];
    if (to - from <= 2 * BUCKETS * (this.right - this.left)) {
      for (let i = from; i <= to; i += 1) found.push(this.x.pixel(axis[i]), this.y.pixel(values[i]));
      return found;
    }
    for (let i = from, next; i <= to; i = next) {
      const column = Math.floor(BUCKETS * this.x.pixel(axis[i]));
      let [first, lowest, highest, last] = [-1, i, i, -1];
      for (next = i; next <= to && Math.floor(BUCKETS * this.x.pixel(axis[next])) === column; next += 1) {
        if (!drawable(this.y.scale, values[next])) continue;
        if (first < 0) first = lowest = highest = next;
        if (values[next] < values[lowest]) lowest = next;
        if (values[next] > values[highest]) highest = next;
        last = next;
      }
      const kept = first < 0 ? [i] : [...new Set([first, lowest, highest, last])].sort((a, b) => a - b);
      for (const k of kept) found.push(this.x.pixel(axis[k]), this.y.pixel(values[k]));
    }
    return found;
  }
}

/** Labels with as many decimals as the distance of the ticks asks for; one power of ten for all where they are long. */
function evenLabels(ticks) {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  const decade = largest > 0 ? Math.floor(Math.log10(largest) + 1e-9) : 0;
  const exponent = decade >= 5 || decade <= -4 ? decade : 0;
  const apart = ticks.length > 1 ? (ticks[1] - ticks[0]) / 10 ** exponent : 0;
  const decimals = apart > 0 ? Math.min(9, Math.max(0, -Math.floor(Math.log10(apart) + 1e-9))) : 3;
  const format = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const write = (value) => (value === 0 ? "0" : (value / 10 ** exponent).toLocaleString("en-US", format));
  return [ticks.map((value) => ({ text: write(value).replace("-", "−") })), exponent];
}

/** Plain numbers where all of them are short, else all as a power of ten: 0.1, 1, 10 or 10⁻⁶, 10⁰, 10⁶. */
function logLabels(ticks) {
  const decade = (value) => Math.floor(Math.log10(Math.abs(value)) + 1e-9);
  const plain = ticks.every((value) => value === 0 || Math.abs(decade(value)) <= 3);
  return ticks.map((value) => {
    if (plain || value === 0) return { text: short(value).replace("-", "−") };
    const digit = Math.round(Math.abs(value) / 10 ** decade(value));
    const text = `${value < 0 ? "−" : ""}${digit === 1 ? "10" : `${digit}·10`}`;
    return { text, raised: String(decade(value)).replace("-", "−") };
  });
}

/** A label that ends at x, its exponent raised; narrower letters where the gutter is too small for it. */
function label(context, { text, raised = "" }, x, y, font, most) {
  context.textAlign = "right";
  context.font = `${TICK - 2.5}px ${font}`;
  const width = raised ? context.measureText(raised).width + 0.5 : 0;
  if (raised) context.fillText(raised, x, y - 4);
  context.font = `${TICK}px ${font}`;
  context.fillText(text, x - width, raised ? y + 1 : y + 0.5, most - width);
}
