// The axes of a map: ticks with their numbers, and the names of the axes.

import { minus } from "../shared/format.js";
import { decadeOf, linearTicks } from "../shared/ticks.js";

/**
 * @import { SceneMap, Theme } from "../shared/types.d.ts"
 * @import { Viewport } from "./viewport.js"
 */

const ROOM = 37; // pixels that the numbers of the upright axis leave free of their gutter's name
const DIGITS = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/**
 * @param {CanvasRenderingContext2D} context in CSS pixels
 * @param {Viewport} viewport
 * @param {SceneMap} map on a landscape the ticks are short, where there is none they are a grid
 * @param {Theme} theme
 */
export function drawAxes(context, viewport, map, theme) {
  const { left, top, width, height } = viewport.box;
  /** @param {number} size */
  const length = (size) => (map.grid ? 4 : -size);
  context.save();
  context.font = `12px ${theme.font}`;
  context.lineWidth = 1;
  context.strokeStyle = map.grid ? theme.muted : theme.grid;
  context.fillStyle = theme.muted;
  context.beginPath();
  context.textAlign = "center";
  context.textBaseline = "top";
  const across = named(linearTicks(...viewport.x, width < 340 ? 5 : 7), map.x.label);
  for (const { value, text } of across.ticks) {
    const x = Math.round(viewport.project(value, 0).x) + 0.5;
    context.moveTo(x, top + height + length(height));
    context.lineTo(x, top + height);
    context.fillText(text, Math.min(x, viewport.width - context.measureText(text).width / 2 - 1), top + height + 8);
  }
  context.fillText(across.name, left + width / 2, top + height + 25);
  context.textAlign = "right";
  context.textBaseline = "middle";
  const up = named(linearTicks(...viewport.y, height < 260 ? 5 : 7), map.y.label);
  for (const { value, text } of up.ticks) {
    const y = Math.round(viewport.project(0, value).y) + 0.5;
    context.moveTo(left - length(width), y);
    context.lineTo(left, y);
    context.fillText(text, left - 8, y);
  }
  context.stroke();
  // From very close by the numbers need the whole gutter.
  if (Math.max(...up.ticks.map(({ text }) => context.measureText(text).width), 0) <= ROOM) {
    context.translate(7, top + height / 2);
    context.rotate(-Math.PI / 2);
    context.textAlign = "center";
    context.fillText(up.name, 0, 0);
  }
  context.restore();
}

/**
 * Ticks with their texts: each with as many decimals as tell it from the next; a power of ten that they share goes to the
 * name of the axis.
 * @param {number[]} ticks
 * @param {string} name
 */
export function named(ticks, name) {
  const most = Math.max(...ticks.map(Math.abs));
  const power = most > 0 && (most >= 1e4 || most < 0.02) ? decadeOf(most) : 0;
  const unit = 10 ** power;
  const apart = (ticks.length > 1 ? ticks[1] - ticks[0] : Math.abs(ticks[0]) || 1) / unit;
  const decimals = Math.min(Math.max(-decadeOf(apart), 0), 10);
  const texts = ticks.map((value) => {
    const shown = Number((value / unit).toFixed(decimals)) + 0; // -0 becomes 0
    return { value, text: minus(shown.toFixed(decimals)) };
  });
  const raised = String(power)
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => DIGITS[Number(digit)]);
  return { ticks: texts, name: power ? `${name}, in 10${raised}` : name };
}
