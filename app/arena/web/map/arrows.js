// Arrows at the head of a path: where the gradient, the first moment and the step point, and how long they are.

import { rough } from "../shared/format.js";
import { disc } from "../shared/marks.js";

/**
 * @import { Contender, Theme, XY } from "../shared/types.d.ts"
 * @import { Head } from "./path.js"
 * @import { Viewport } from "./viewport.js"
 */

/**
 * A quantity with two coordinates, the channels `x` and `y`. Quantities are told apart by stroke and tip, because the colour
 * is the contender's.
 * @typedef {object} Quantity
 * @property {string} name
 * @property {string} x
 * @property {string} y
 * @property {1 | -1} sign of what is drawn
 * @property {number} width pixels of the shaft
 * @property {number[]} dash
 * @property {boolean} filled whether the tip is
 */

const SHORTEST = 18; // pixels
const LONGEST = 90; // pixels
const DECADES = 6; // below a quantity's largest value along the run, its arrow is the shortest
const CLEAR = 8; // pixels that the head's circle takes
const ALIKE = 0.14; // radians: arrows closer than this lie side by side
const ASIDE = 6; // pixels between them
const EDGE = 8; // pixels between the table and the edges of the map

/** @type {Quantity[]} in the order in which they are drawn */
const QUANTITIES = [
  { name: "step", x: "ux", y: "uy", sign: 1, width: 3.2, dash: [], filled: true },
  { name: "−gradient", x: "gx", y: "gy", sign: -1, width: 1.6, dash: [], filled: false },
  { name: "−m", x: "mx", y: "my", sign: -1, width: 1.6, dash: [4, 3], filled: false },
];
const LISTED = [1, 2, 0].map((q) => QUANTITIES[q]); // as the algorithm comes to them

/** @type {WeakMap<Contender, number[]>} the largest length of each quantity along a contender's run */
const largest = new WeakMap();

/**
 * Draws the arrows at all heads, and a table of their true lengths in the lower left corner.
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Head[]} heads
 * @param {Viewport} viewport
 * @param {Theme} theme
 */
export function drawArrows(context, heads, viewport, theme) {
  const { left, top, height } = viewport.box;
  drawLegend(context, heads, left + EDGE, top + height - EDGE, theme);
  for (const head of heads) drawAt(context, head, (x, y) => viewport.project(x, y), theme.background);
}

/**
 * Draws the arrows of one contender at its head.
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Head} head
 * @param {(x: number, y: number) => XY} project data to pixels; linear
 * @param {string} background
 */
function drawAt(context, head, project, background) {
  const { contender, i } = head;
  const [origin, unit] = [project(0, 0), project(1, 1)];
  /** @type {number[]} */
  const angles = [];
  QUANTITIES.forEach((quantity, q) => {
    const length = lengthOf(contender, i, quantity) ?? 0;
    if (!(length > 0 && length < Infinity)) return;
    // The axes are not equally long: what counts is the direction as it appears on the screen.
    const dx = quantity.sign * contender.channels[quantity.x].values[i] * (unit.x - origin.x);
    const dy = quantity.sign * contender.channels[quantity.y].values[i] * (unit.y - origin.y);
    const angle = Math.atan2(dy, dx);
    const alike = angles.filter((other) => Math.abs(Math.sin((angle - other) / 2)) < ALIKE / 2).length;
    angles.push(angle);
    const longest = (largest.get(contender) ?? measure(contender))[q];
    const aside = side(alike) * ASIDE;
    arrow(context, head, angle, shownLength(length, longest), aside, quantity, contender.colour, background);
  });
}

/**
 * The pixels of an arrow, on a logarithmic scale.
 * @param {number} length of the quantity
 * @param {number} longest of the quantity along the run
 */
export function shownLength(length, longest) {
  const fall = Math.min(Math.max(Math.log10(longest / length) / DECADES, 0), 1);
  return LONGEST - fall * (LONGEST - SHORTEST);
}

/**
 * Draws a table of the quantities and their true lengths, one line a contender, its lower left corner at (left, bottom).
 * @param {CanvasRenderingContext2D} context
 * @param {Head[]} heads
 * @param {number} left
 * @param {number} bottom
 * @param {Theme} theme
 */
function drawLegend(context, heads, left, bottom, theme) {
  const listed = LISTED.filter((quantity) => heads.some(({ contender, i }) => lengthOf(contender, i, quantity) !== undefined));
  if (!listed.length) return;
  const [line, pad, dot, sample, gap] = [16, 7, 15, 22, 12]; // pixels
  context.save();
  context.font = `11px ${theme.font}`;
  context.textBaseline = "middle";
  // As wide as its widest possible content, so that nothing moves while the numbers do.
  const widest = context.measureText("8.8e+88").width;
  const widths = listed.map(({ name }) => sample + Math.max(context.measureText(name).width, widest) + gap);
  const width = widths.reduce((sum, each) => sum + each, 2 * pad + dot - gap);
  const height = line * (heads.length + 1) + 2 * pad - 3;
  const top = bottom - height;
  context.globalAlpha = 0.82;
  context.fillStyle = theme.background;
  context.beginPath();
  context.roundRect(left, top, width, height, 5);
  context.fill();
  context.globalAlpha = 1;
  let x = left + pad + dot;
  listed.forEach((quantity, c) => {
    const y = top + pad + line / 2 - 1;
    stroke(context, x, y, x + sample - 5, y, quantity, theme.muted, 0.8);
    context.fillStyle = theme.muted;
    context.fillText(quantity.name, x + sample, y + 0.5);
    context.fillStyle = theme.text;
    heads.forEach(({ contender, i }, h) => {
      context.fillText(rough(lengthOf(contender, i, quantity)), x + sample, y + line * (h + 1) + 0.5);
    });
    x += widths[c];
  });
  heads.forEach(({ contender }, h) => {
    disc(context, { x: left + pad + 4, y: top + pad + line * (h + 1.5) - 1 }, { colour: contender.colour }, 4);
  });
  context.restore();
}

/**
 * How long a quantity is at entry i; undefined where the contender has no such channels.
 * @param {Contender} contender
 * @param {number} i
 * @param {Quantity} quantity
 */
function lengthOf(contender, i, quantity) {
  const [xs, ys] = [contender.channels[quantity.x], contender.channels[quantity.y]];
  return xs && ys ? Math.hypot(xs.values[i], ys.values[i]) : undefined;
}

/**
 * The largest length of each quantity along the run.
 * @param {Contender} contender
 */
function measure(contender) {
  const lengths = QUANTITIES.map((quantity) => {
    const count = contender.channels[quantity.x]?.values.length ?? 0;
    let most = 0;
    for (let k = 0; k < count; k++) {
      const length = lengthOf(contender, k, quantity) ?? 0;
      if (length > most && length < Infinity) most = length;
    }
    return most;
  });
  largest.set(contender, lengths);
  return lengths;
}

/**
 * The place of an arrow beside others that point its way: 0, then to one side, to the other, ...
 * @param {number} others
 */
function side(others) {
  return others % 2 ? (others + 1) / 2 : -others / 2;
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {number} angle
 * @param {number} length pixels
 * @param {number} aside pixels
 * @param {Quantity} quantity
 * @param {string} colour
 * @param {string} background
 */
function arrow(context, at, angle, length, aside, quantity, colour, background) {
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const [x, y] = [at.x - sin * aside, at.y + cos * aside];
  const [x0, y0, x1, y1] = [x + cos * CLEAR, y + sin * CLEAR, x + cos * (CLEAR + length), y + sin * (CLEAR + length)];
  context.save();
  context.globalAlpha = 0.85;
  stroke(context, x0, y0, x1, y1, { ...quantity, width: quantity.width + 3, dash: [] }, background, 1, quantity.width);
  context.globalAlpha = 1;
  stroke(context, x0, y0, x1, y1, quantity, colour);
  context.restore();
}

/**
 * Strokes a shaft and a tip.
 * @param {CanvasRenderingContext2D} context
 * @param {number} x0
 * @param {number} y0
 * @param {number} x1
 * @param {number} y1
 * @param {Quantity} quantity
 * @param {string} colour
 * @param {number} scale
 * @param {number} own the width that the tip is sized for, where the line is wider: a casing
 */
function stroke(context, x0, y0, x1, y1, quantity, colour, scale = 1, own = quantity.width) {
  const length = Math.hypot(x1 - x0, y1 - y0);
  const [cos, sin] = [(x1 - x0) / length, (y1 - y0) / length];
  const tip = (quantity.filled ? 5 + 1.6 * own : 7) * scale;
  const half = tip * (quantity.filled ? 0.52 : 0.55);
  const neck = quantity.filled ? tip * 0.8 : 0; // a thick line would stick out in front of its tip
  const casing = quantity.width - own;
  context.strokeStyle = context.fillStyle = colour;
  context.lineWidth = quantity.width * scale;
  context.lineCap = casing ? "round" : "butt";
  context.lineJoin = "round";
  context.setLineDash(quantity.dash);
  context.beginPath();
  context.moveTo(x0, y0);
  context.lineTo(x1 - cos * neck, y1 - sin * neck);
  context.stroke();
  context.setLineDash([]);
  context.beginPath();
  context.moveTo(x1 - cos * tip - sin * half, y1 - sin * tip + cos * half);
  context.lineTo(x1, y1);
  context.lineTo(x1 - cos * tip + sin * half, y1 - sin * tip - cos * half);
  if (quantity.filled) {
    context.closePath();
    context.fill();
    context.lineWidth = casing || 0.5;
  }
  context.stroke();
}
