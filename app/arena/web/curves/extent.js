// What a value axis spans: pure functions of the lines that are drawn on it.

import { drawable, power } from "../shared/ticks.js";

/** @import { Range, Scale } from "../shared/types.d.ts" */

/**
 * The values of a line, and whether its run broke off.
 * @typedef {{ values: Float32Array, broken: boolean }} Values
 */

const BLOW_UP = 1e4; // times the usual values: a run that diverges must not press all others flat
const BLOW_UP_LINEAR = 4; // the same on a linear axis, where a factor of 10,000 would already do it
const DECADES = 14; // below the usual values; lower ones are rounding
const SAMPLES = 2000; // values that are enough to know a line's median

/**
 * The ends of a value axis over all that is drawn, with a margin; null where nothing is.
 *
 * A line blows up when its run broke off or when it ends up far above its own median. It counts up to a multiple of the
 * largest value of the other lines, of the levels and of its own start; these count whole.
 * @param {Scale} scale
 * @param {Values[]} lines
 * @param {number[]} levels further values that must be seen
 * @returns {Range | null}
 */
export function extent(scale, lines, levels = []) {
  const shapes = lines.map(({ values, broken }) => shape(scale, values, broken)).filter((each) => each !== null);
  if (!shapes.length) return null;
  const known = levels.filter((value) => drawable(scale, value));
  const usual = Math.max(
    scale === "linear" ? 0 : 1,
    ...known.map(Math.abs),
    ...shapes.map(({ first, largest, wild }) => (wild ? first : largest)),
  );
  const ceiling = (scale === "linear" ? BLOW_UP_LINEAR : BLOW_UP) * usual || Infinity;
  let [low, high] = [Math.min(...known), Math.max(...known)];
  for (const { values, wild } of shapes) {
    for (const value of values) {
      if (!drawable(scale, value) || (wild && Math.abs(value) > ceiling)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  if (scale === "symlog" && low < high) return [low - 0.25 * Math.abs(low), high + 0.25 * Math.abs(high)];
  if (scale !== "log") return widened(low, high);
  const bottom = Math.log10(Math.max(low, Math.min(high, usual) * 10 ** -DECADES));
  const top = Math.log10(high);
  const margin = Math.max(0.04 * (top - bottom), 0.05);
  return [10 ** (bottom - margin), 10 ** (top + margin)];
}

/**
 * The threshold at which a symmetric logarithmic axis turns linear: the decade below which a tenth of all values lie.
 * @param {Float32Array[]} lines
 * @param {number} largest the largest absolute value that the axis shows, above 0
 */
export function threshold(lines, largest) {
  const sizes = lines.flatMap((values) => sample(values, (value) => Number.isFinite(value) && value !== 0));
  if (!sizes.length) return largest > 0 ? largest : 1;
  const tenth = sizes.sort(ascending)[Math.floor(sizes.length / 10)];
  const top = Math.floor(Math.log10(largest));
  return power(Math.min(top, Math.max(top - DECADES / 2, Math.floor(Math.log10(tenth)))));
}

/**
 * What there is to know of a line: its first and its largest absolute value, and whether it blows up; null of an empty one.
 * @param {Scale} scale
 * @param {Float32Array} values
 * @param {boolean} broken
 */
function shape(scale, values, broken) {
  const sizes = sample(values, (value) => drawable(scale, value)).sort(ascending);
  if (!sizes.length) return null;
  const first = Math.abs(values.find((value) => drawable(scale, value)) ?? NaN);
  const largest = values.reduce((most, v) => (drawable(scale, v) && Math.abs(v) > most ? Math.abs(v) : most), 0);
  return { values, first, largest, wild: broken || largest > BLOW_UP * sizes[sizes.length >> 1] };
}

/**
 * The absolute values of every n-th entry; of all entries where none of those is wanted.
 * @param {Float32Array} values
 * @param {(value: number) => boolean} wanted
 */
function sample(values, wanted) {
  const every = Math.max(1, Math.floor(values.length / SAMPLES));
  const sizes = Array.from(
    values.filter((value, i) => i % every === 0 && wanted(value)),
    Math.abs,
  );
  return sizes.length || every === 1 ? sizes : Array.from(values.filter(wanted), Math.abs);
}

/**
 * @param {number} low
 * @param {number} high
 * @returns {Range}
 */
function widened(low, high) {
  const margin = 0.05 * (high - low) || 0.1 * Math.abs(high) || 1;
  return [low - margin, high + margin];
}

/**
 * @param {number} a
 * @param {number} b
 */
function ascending(a, b) {
  return a - b;
}
