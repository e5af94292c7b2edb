// The scene that Python sends, decoded: JSON, and one buffer of float32 that holds every array.

/**
 * @import * as json from "./json.d.ts"
 * @import { Run, Scene } from "./types.d.ts"
 */

/**
 * @param {json.Scene} json
 * @param {ArrayBuffer | Uint8Array<ArrayBuffer>} blob little-endian float32
 * @returns {Scene} with Float32Arrays in place of the spans
 */
export function decode(json, blob) {
  const bytes = blob instanceof Uint8Array ? blob : new Uint8Array(blob);
  // A view needs an offset that is a multiple of four; what arrives in a message need not have one.
  const numbers = new Float32Array(bytes.slice().buffer);
  /** @param {json.Span} span */
  const array = ([offset, count]) => numbers.subarray(offset, offset + count);
  const { map } = json;
  return {
    ...json,
    map: map && { ...map, grid: map.grid && { ...map.grid, height: array(map.grid.height) } },
    contenders: json.contenders.map((contender, index) => ({
      ...contender,
      ...run(contender, array),
      index,
      variants: contender.variants?.map((variant) => run(variant, array)),
    })),
  };
}

/**
 * The plane that the paths are drawn on, by name.
 * @param {Scene} scene
 */
export function directions({ map, beneath }) {
  return `${map?.title} ${beneath?.chosen}`;
}

/**
 * @param {json.Variant} variant
 * @param {(span: json.Span) => Float32Array} array
 * @returns {Run}
 */
function run({ broken, ending, axes, channels }, array) {
  const values = Object.entries(channels).map(([name, { axis, at }]) => [name, { axis, values: array(at) }]);
  return {
    broken,
    ending,
    axes: Object.fromEntries(Object.entries(axes).map(([name, span]) => [name, array(span)])),
    channels: Object.fromEntries(values),
  };
}

/**
 * The place of a step on an ascending axis.
 * @param {ArrayLike<number>} axis
 * @param {number} step
 * @returns {{i: number, t: number}} the entry at or before it and the part of the way to the next; both ends clamp
 */
export function place(axis, step) {
  const last = axis.length - 1;
  if (last < 0 || !(step > axis[0])) return { i: 0, t: 0 };
  if (step >= axis[last]) return { i: last, t: 0 };
  let low = 0;
  let high = last;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (axis[middle] <= step) low = middle;
    else high = middle;
  }
  return { i: low, t: (step - axis[low]) / (axis[high] - axis[low]) };
}

/**
 * A channel's value at any step, interpolated; where one neighbour is not finite the other stands for it.
 * @param {Run} run
 * @param {string} name
 * @param {number} step
 * @returns {number | undefined} NaN where there is no value, undefined where there is no such channel
 */
export function valueAt(run, name, step) {
  const channel = run.channels[name];
  if (!channel) return undefined;
  const { i, t } = place(run.axes[channel.axis], step);
  const here = channel.values[i] ?? NaN;
  if (!t) return here;
  const next = channel.values[i + 1];
  if (!Number.isFinite(here)) return next;
  return Number.isFinite(next) ? here + t * (next - here) : here;
}

/**
 * The two coordinates of a run's path, entry by entry, and the steps of the entries; undefined where it has none.
 * @param {Run} run
 * @param {[x: string, y: string]} names of the two channels
 */
export function pathOf(run, [x, y]) {
  const [xs, ys] = [run.channels[x], run.channels[y]];
  return xs && ys && { axis: run.axes[xs.axis], xs: xs.values, ys: ys.values };
}
