// A line's points in pixels, thinned so that a long run costs no more than the screen has columns.

import { drawable } from "../shared/ticks.js";
import { place } from "../shared/scene.js";

/** @import { Axis } from "./axis.js" */

const BUCKETS = 2; // columns of a pixel: one for each physical pixel of most screens

/**
 * x and y in turn, NaN for a gap. Of a line with more points than pixels each column keeps its first, lowest, highest and
 * last, so that no spike is lost.
 * @param {ArrayLike<number>} steps ascending
 * @param {ArrayLike<number>} values
 * @param {Axis} x the steps that are shown
 * @param {Axis} y
 * @param {number} width pixels of the plot
 */
export function pointsOf(steps, values, x, y, width) {
  const from = place(steps, x.range[0]).i;
  const to = Math.min(values.length - 1, place(steps, x.range[1]).i + 1);
  /** @type {number[]} */
  const points = [];
  /** @param {number} i */
  const keep = (i) => points.push(x.pixel(steps[i]), y.pixel(values[i]));
  if (to - from <= 2 * BUCKETS * width) {
    for (let i = from; i <= to; i += 1) keep(i);
    return points;
  }
  /** @param {number} i */
  const column = (i) => Math.floor(BUCKETS * x.pixel(steps[i]));
  for (let i = from, next; i <= to; i = next) {
    const here = column(i);
    let [first, lowest, highest, last] = [-1, i, i, -1];
    for (next = i; next <= to && column(next) === here; next += 1) {
      if (!drawable(y.scale, values[next])) continue;
      if (first < 0) first = lowest = highest = next;
      if (values[next] < values[lowest]) lowest = next;
      if (values[next] > values[highest]) highest = next;
      last = next;
    }
    const kept = first < 0 ? [i] : [...new Set([first, lowest, highest, last])].sort((a, b) => a - b);
    kept.forEach(keep);
  }
  return points;
}

/**
 * Strokes points as one line with gaps; a point alone between two gaps becomes a dot. A run that blows up from side to
 * side would fill the plot: what leaps from far above it to far below is left out.
 * @param {CanvasRenderingContext2D} context
 * @param {number[]} points x and y in turn
 * @param {{ colour: string, dash: number[], width: number }} style
 * @param {{ top: number, bottom: number }} plot
 */
export function trace(context, points, { colour, dash, width }, { top, bottom }) {
  /** @param {number} y */
  const far = (y) => (y < 2 * top - bottom ? -1 : y > 2 * bottom - top ? 1 : 0);
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.lineJoin = "round";
  context.lineCap = dash.length ? "butt" : "round";
  context.setLineDash(dash);
  context.beginPath();
  let open = false;
  for (let k = 0; k < points.length; k += 2) {
    const [x, y] = [points[k], points[k + 1]];
    if (Number.isNaN(y)) open = false;
    else if (open && far(y) * far(points[k - 1]) >= 0) context.lineTo(x, y);
    else {
      context.moveTo(x, y);
      const last = k + 3 >= points.length || Number.isNaN(points[k + 3]);
      if (last) context.lineTo(x + 0.01, y);
      open = true;
    }
  }
  context.stroke();
}
