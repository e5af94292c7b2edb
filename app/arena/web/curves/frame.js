// The frame of a plot over steps: both axes, the grid, and the ticks with their labels.

import { count, minus, short } from "../shared/format.js";
import { decadeOf, linearTicks } from "../shared/ticks.js";
import { Axis } from "./axis.js";

/**
 * @import { Range, Scale, Theme } from "../shared/types.d.ts"
 * @import { Ticks } from "../shared/ticks.js"
 */

/**
 * A tick's label; `raised` is an exponent.
 * @typedef {{ text: string, raised?: string }} Label
 */

const TICK = 12; // pixels, the size of tick labels

/** Pixels around a plot, fixed: nothing jumps when the numbers grow longer. */
export const GUTTER = { left: 52, right: 14, top: 9, bottom: 7, labelled: 23 };

/** The frame of one plot: a step axis, a value axis (null where nothing is drawn), the grid and the labels. */
export class Frame {
  x = new Axis("linear", [0, 1], [0, 1]);
  /** @type {Axis | null} */
  y = null;
  exponent = 0; // the power of ten that all labels of the value axis share
  /** @type {Ticks} */
  #ticks = { major: [], minor: [], even: true };
  /** @type {Label[]} of the major ticks */
  #labels = [];

  /**
   * @param {number} width pixels
   * @param {number} height
   * @param {boolean} labelled whether the steps are written below it
   * @param {number} margin pixels on the right
   */
  constructor(width, height, labelled, margin = GUTTER.right) {
    this.width = width;
    this.height = height;
    this.labelled = labelled;
    this.left = GUTTER.left;
    this.right = Math.max(GUTTER.left + 1, width - margin);
    this.top = GUTTER.top;
    this.bottom = Math.max(GUTTER.top + 1, height - (labelled ? GUTTER.labelled : GUTTER.bottom));
  }

  /** @param {Range} range */
  setSteps(range) {
    this.x = new Axis("linear", range, [this.left, this.right]);
  }

  /**
   * Sets the value axis and its labels.
   * @param {Scale} scale
   * @param {Range | null} range null: nothing is drawn
   * @param {number} threshold of symlog
   */
  setValues(scale, range, threshold) {
    this.y = range && new Axis(scale, range, [this.bottom, this.top], threshold);
    const most = Math.max(3, Math.min(6, Math.floor((this.bottom - this.top) / 24)));
    this.#ticks = this.y ? this.y.ticks(most) : { major: [], minor: [], even: true };
    const { labels, exponent } = this.#ticks.even ? evenLabels(this.#ticks.major) : logLabels(this.#ticks.major);
    this.#labels = labels;
    this.exponent = exponent;
  }

  /**
   * Draws grid and labels.
   * @param {CanvasRenderingContext2D} context
   * @param {Theme} theme
   */
  paint(context, theme) {
    context.lineWidth = 1;
    context.setLineDash([]);
    context.strokeStyle = theme.grid;
    context.fillStyle = theme.muted;
    context.textBaseline = "middle";
    if (this.y) this.#paintValues(context, this.y, theme);
    this.#paintSteps(context, theme);
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Axis} axis
   * @param {Theme} theme
   */
  #paintValues(context, axis, theme) {
    this.#ticks.major.forEach((value, k) => {
      const y = axis.pixel(value);
      rule(context, this.left, y, this.right, y);
      write(context, this.#labels[k], this.left - 7, y, theme.font, this.left - 9);
    });
    for (const value of this.#ticks.minor) {
      const y = axis.pixel(value);
      rule(context, this.left, y, this.left + 4, y);
    }
  }

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Theme} theme
   */
  #paintSteps(context, theme) {
    const most = Math.max(2, Math.min(6, 1 + Math.floor((this.right - this.left) / 54)));
    context.font = `${TICK}px ${theme.font}`;
    const y = this.bottom + 14;
    for (const step of linearTicks(...this.x.range, most, true)) {
      const x = this.x.pixel(step);
      rule(context, x, this.top, x, this.bottom);
      if (!this.labelled) continue;
      const half = context.measureText(count(step)).width / 2;
      context.textAlign = "center";
      context.fillText(count(step), Math.min(x, this.width - half), y);
    }
    if (!this.labelled) return;
    context.textAlign = "right"; // in the gutter, where it costs no line of its own
    context.fillText("step", this.left - 14, y);
  }
}

/**
 * A line of one physical row or column of pixels, not of two half-lit ones.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 */
export function rule(context, x0, y0, x1, y1) {
  /** @param {number} value */
  const crisp = (value) => Math.round(value - 0.5) + 0.5;
  context.beginPath();
  context.moveTo(y0 === y1 ? x0 : crisp(x0), y0 === y1 ? crisp(y0) : y0);
  context.lineTo(y0 === y1 ? x1 : crisp(x1), y0 === y1 ? crisp(y1) : y1);
  context.stroke();
}

/**
 * Labels with as many decimals as the distance of the ticks asks for; one power of ten for all where they are long.
 * @param {number[]} ticks
 * @returns {{ labels: Label[], exponent: number }}
 */
export function evenLabels(ticks) {
  const largest = Math.max(0, ...ticks.map(Math.abs));
  const decade = largest > 0 ? decadeOf(largest) : 0;
  const exponent = decade >= 5 || decade <= -4 ? decade : 0;
  const apart = ticks.length > 1 ? (ticks[1] - ticks[0]) / 10 ** exponent : 0;
  const decimals = apart > 0 ? Math.min(9, Math.max(0, -decadeOf(apart))) : 3;
  const format = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  /** @param {number} value */
  const text = (value) => (value === 0 ? "0" : minus((value / 10 ** exponent).toLocaleString("en-US", format)));
  return { labels: ticks.map((value) => ({ text: text(value) })), exponent };
}

/**
 * Plain numbers where all of them are short, else all as a power of ten: 0.1, 1, 10 or 10⁻⁶, 10⁰, 10⁶.
 * @param {number[]} ticks
 * @returns {{ labels: Label[], exponent: number }}
 */
export function logLabels(ticks) {
  const plain = ticks.every((value) => value === 0 || Math.abs(decadeOf(value)) <= 3);
  const labels = ticks.map((value) => {
    if (plain || value === 0) return { text: minus(short(value)) };
    const digit = Math.round(Math.abs(value) / 10 ** decadeOf(value));
    const text = `${value < 0 ? "−" : ""}${digit === 1 ? "10" : `${digit}·10`}`;
    return { text, raised: minus(String(decadeOf(value))) };
  });
  return { labels, exponent: 0 };
}

/**
 * Writes a label that ends at x, its exponent raised; narrower letters where the gutter is too small for it.
 * @param {CanvasRenderingContext2D} context
 * @param {Label} label
 * @param {number} x
 * @param {number} y
 * @param {string} font
 * @param {number} most pixels
 */
function write(context, { text, raised = "" }, x, y, font, most) {
  context.textAlign = "right";
  context.font = `${TICK - 2.5}px ${font}`;
  const width = raised ? context.measureText(raised).width + 0.5 : 0;
  if (raised) context.fillText(raised, x, y - 4);
  context.font = `${TICK}px ${font}`;
  context.fillText(text, x - width, raised ? y + 1 : y + 0.5, most - width);
}
