// Marks on a canvas, the same in every view: heads of paths and lines, the start, minimisers. Each stands in a casing of
// the background's colour, so that it stands out from every ground.

/** @import { XY } from "./types.d.ts" */

/**
 * The colours of a mark; without a casing it has none.
 * @typedef {{ colour: string, casing?: string }} Paint
 */

const CASING = 1.5; // pixels around a mark
/** Pixels; the head of a path. */
export const HEAD = { disc: 5, cross: { reach: 5, line: 3 } };
const START = { radius: 5.5, line: 2 }; // pixels
const STAR = { outer: 8.2, inner: 3.3, casing: 1.75 }; // pixels

/**
 * The head of a run.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {Paint} paint
 * @param {number} radius pixels, without the casing
 */
export function disc(context, { x, y }, paint, radius = HEAD.disc) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  fill(context, paint);
}

/**
 * The place where a run broke off.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {Paint} paint
 * @param {{ reach: number, line: number }} size pixels: of an arm to each side, and of its stroke
 */
export function cross(context, { x, y }, paint, { reach, line } = HEAD.cross) {
  context.beginPath();
  for (const side of [-1, 1]) {
    context.moveTo(x - reach, y - reach * side);
    context.lineTo(x + reach, y + reach * side);
  }
  context.lineCap = "round";
  stroke(context, paint, line);
}

/**
 * A head that is out of sight, above or below: a triangle that points to where it is.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {Paint} paint
 * @param {number} size pixels; below 0 it points up
 */
export function pointer(context, { x, y }, paint, size) {
  context.beginPath();
  context.moveTo(x, y + size);
  context.lineTo(x - size, y - size);
  context.lineTo(x + size, y - size);
  context.closePath();
  fill(context, paint);
}

/**
 * The start, or the head of a line of another kind.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {Paint} paint
 * @param {{ radius: number, line: number }} size pixels: of the middle of the stroke, and its width
 */
export function ring(context, { x, y }, paint, { radius, line } = START) {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  stroke(context, paint, line);
}

/**
 * A minimiser.
 * @param {CanvasRenderingContext2D} context
 * @param {XY} at
 * @param {Paint} paint
 */
export function star(context, { x, y }, paint) {
  context.beginPath();
  for (let k = 0; k < 10; k += 1) {
    const [radius, angle] = [k % 2 ? STAR.inner : STAR.outer, (k * Math.PI) / 5];
    context.lineTo(x + radius * Math.sin(angle), y - radius * Math.cos(angle));
  }
  context.closePath();
  context.lineJoin = "round";
  fill(context, paint, STAR.casing);
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Paint} paint
 * @param {number} beyond pixels of the casing
 */
function fill(context, { colour, casing }, beyond = CASING) {
  if (casing) {
    context.strokeStyle = casing;
    context.lineWidth = 2 * beyond; // half of it lies under the fill
    context.stroke();
  }
  context.fillStyle = colour;
  context.fill();
}

/**
 * @param {CanvasRenderingContext2D} context
 * @param {Paint} paint
 * @param {number} width pixels of the line
 */
function stroke(context, { colour, casing }, width) {
  if (casing) {
    context.strokeStyle = casing;
    context.lineWidth = width + 2 * CASING;
    context.stroke();
  }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}
