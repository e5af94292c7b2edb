// What Python sends, decoded: JSON that says what there is, and one buffer of float32 that holds every array.
//
// Entry k of a channel is what holds after `steps[k]` steps, before the next one.

/**
 * @param {object} json the description, with `[offset, count]` in place of each array
 * @param {ArrayBuffer | Uint8Array} blob little-endian float32
 * @returns {object} the scene, with Float32Arrays in their places
 */
export function decode(json, blob) {
  const bytes = blob instanceof Uint8Array ? blob : new Uint8Array(blob);
  // A view needs an offset that is a multiple of four; what arrives in a message need not have one.
  const numbers = new Float32Array(bytes.slice().buffer);
  const array = ([offset, count]) => numbers.subarray(offset, offset + count);
  const grid = json.map?.grid ? { ...json.map.grid, height: array(json.map.grid.height) } : null;
  return {
    ...json,
    map: json.map ? { ...json.map, grid } : null,
    contenders: json.contenders.map((contender, index) => ({
      ...contender,
      index,
      ...run(contender, array),
      ...(contender.variants && { variants: contender.variants.map((variant) => ({ ...variant, ...run(variant, array) })) }),
    })),
  };
}

/** The arrays of a run. */
function run({ axes, channels }, array) {
  return {
    axes: Object.fromEntries(Object.entries(axes).map(([name, at]) => [name, array(at)])),
    channels: Object.fromEntries(Object.entries(channels).map(([name, { axis, at }]) => [name, { axis, values: array(at) }])),
  };
}

/**
 * Where a step lies on an ascending axis.
 * @param {Float32Array} axis
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
 * @returns {number | undefined} NaN where there is none, undefined where there is no such channel
 */
export function valueAt(contender, name, step) {
  const channel = contender.channels[name];
  if (!channel) return undefined;
  const { i, t } = place(contender.axes[channel.axis], step);
  const here = channel.values[i] ?? NaN;
  if (!t) return here;
  const next = channel.values[i + 1];
  if (!Number.isFinite(here)) return next;
  return Number.isFinite(next) ? here + t * (next - here) : here;
}
