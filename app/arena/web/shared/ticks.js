// The ticks of an axis: round numbers, so many that they can be told apart.

/** @import { Scale } from "./types.d.ts" */

/**
 * Ticks with a number and small ones without; `even`: evenly spaced, to be written like those of a linear axis.
 * @typedef {{ major: number[], minor: number[], even: boolean }} Ticks
 */

const FEW_DECADES = 1.6; // a logarithmic axis shorter than this is ticked at 1, 2 and 5 too

/**
 * Whether a value can be drawn on a scale.
 * @param {Scale} scale
 * @param {number} value
 */
export function drawable(scale, value) {
  return Number.isFinite(value) && (scale !== "log" || value > 0);
}

/**
 * Multiples of 1, 2 or 5 times a power of ten.
 * @param {number} low
 * @param {number} high
 * @param {number} most how many there may be, at least 2
 * @param {boolean} whole whether only whole numbers make sense
 * @returns {number[]} ascending, within [low, high]
 */
export function linearTicks(low, high, most, whole = false) {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  let step = nice((high - low) / Math.max(most, 2));
  while (within(low, high, step) > most) step = nice(step * 1.5);
  if (whole) step = Math.max(1, step);
  return multiples(low, high, step);
}

/**
 * Whole decades, every n-th of them where they are many; 1, 2, 5 where they are few; even steps on a very short axis.
 * @param {number} low above 0
 * @param {number} high
 * @param {number} most
 * @returns {Ticks}
 */
export function logTicks(low, high, most) {
  const [bottom, top] = [Math.log10(low), Math.log10(high)];
  const minor = top - bottom < 2 ? digits(low, high, [2, 3, 4, 5, 6, 7, 8, 9]) : [];
  if (top - bottom >= FEW_DECADES) return { major: decades(bottom, top, most).map(power), minor, even: false };
  let major = digits(low, high, [1, 2, 5]);
  if (major.length > most) major = digits(low, high, [1, 3]);
  if (major.length >= 3) return { major, minor, even: false };
  return { major: linearTicks(low, high, most), minor: [], even: true };
}

/**
 * 0 and the decades on both sides of it, from the threshold outwards.
 * @param {number} low
 * @param {number} high
 * @param {number} threshold above 0; between it and -threshold the axis is linear
 * @param {number} most
 * @returns {Ticks}
 */
export function symlogTicks(low, high, threshold, most) {
  const linear = Math.max(-low, high) <= threshold;
  if (linear) return { major: linearTicks(low, high, most), minor: [], even: true };
  const start = Math.log10(threshold);
  const room = Math.max(2, low < 0 && high > 0 ? Math.floor(most / 2) + 1 : most);
  const reach = [decadesAbove(high, start), decadesAbove(-low, start)];
  const every = Math.max(1, Math.ceil(Math.floor(Math.max(...reach)) / (room - 1)));
  // The first tick away from 0 stands where the shorter side has one too.
  const shorter = Math.floor(Math.min(...reach.filter((decades) => decades >= 0)) + 1e-9);
  const first = every === 1 ? 0 : Math.max(1, Math.min(every, shorter));
  /** @param {number} end */
  const side = (end) => {
    const ticks = [];
    for (let k = first; k <= decadesAbove(end, start) + 1e-9; k += every) ticks.push(power(start + k));
    return ticks;
  };
  const zero = low <= 0 && high >= 0 ? [0] : [];
  const below = side(-low).map((value) => -value);
  return { major: [...below.reverse(), ...zero, ...side(high)], minor: [], even: false };
}

/**
 * The multiples of a step within [low, high], an end among them that is one but for rounding.
 * @param {number} low
 * @param {number} high
 * @param {number} step
 */
export function multiples(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: Math.max(0, last - first + 1) }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}

/**
 * A power of ten without the last bit that 10 ** k may miss.
 * @param {number} exponent
 */
export function power(exponent) {
  return Number(`1e${Math.round(exponent)}`);
}

/**
 * The power of ten of the first digit: 2 for 250, -1 for 0.3.
 * @param {number} value
 */
export function decadeOf(value) {
  return Math.floor(Math.log10(Math.abs(value)) + 1e-9);
}

/** @param {number} rough */
function nice(rough) {
  const unit = 10 ** Math.floor(Math.log10(rough));
  return unit * ([1, 2, 5].find((digit) => digit * unit >= rough * (1 - 1e-9)) ?? 10);
}

/**
 * How many multiples of a step there are within [low, high].
 * @param {number} low
 * @param {number} high
 * @param {number} step
 */
function within(low, high, step) {
  return Math.floor(high / step + 1e-9) - Math.ceil(low / step - 1e-9) + 1;
}

/**
 * The exponents of whole decades, every n-th so that there are at most `most`.
 * @param {number} bottom
 * @param {number} top
 * @param {number} most
 */
function decades(bottom, top, most) {
  /** @param {number} every */
  const fits = (every) => Math.floor(top / every) - Math.ceil(bottom / every) + 1 <= most;
  const every = [1, 2, 3, 5, 10, 15, 20, 50].find(fits) ?? 100;
  const first = Math.ceil(bottom / every - 1e-9);
  return Array.from({ length: Math.floor(top / every + 1e-9) - first + 1 }, (_, k) => (first + k) * every);
}

/**
 * @param {number} end
 * @param {number} start an exponent
 */
function decadesAbove(end, start) {
  return end > 0 ? Math.log10(end) - start : -1;
}

/**
 * The given digits times every power of ten within [low, high].
 * @param {number} low
 * @param {number} high
 * @param {number[]} wanted
 */
function digits(low, high, wanted) {
  const values = [];
  for (let decade = Math.floor(Math.log10(low)); decade <= Math.ceil(Math.log10(high)); decade += 1) {
    for (const digit of wanted) {
      const value = Number(`${digit}e${decade}`);
      if (value >= low && value <= high) values.push(value);
    }
  }
  return values;
}
