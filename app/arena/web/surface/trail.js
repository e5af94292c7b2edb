// A path on a surface: laid on the ground, seen by the camera, stroked where it is in sight.

import { pathOf, place } from "../shared/scene.js";
import { SIDE } from "./relief.js";
import { stroke } from "./stroke.js";

/**
 * @import { Contender, Point, Range } from "../shared/types.d.ts"
 * @import { Camera } from "./camera.js"
 * @import { Picture } from "./picture.js"
 * @import { Relief } from "./relief.js"
 * @import { Pen } from "./stroke.js"
 */

/**
 * A path laid on the ground: u, v, w of its points and the entry of each, with fractions between two entries; `seen` has
 * room for what the camera sees.
 * @typedef {object} Track
 * @property {Contender} contender
 * @property {ArrayLike<number>} axis the steps of the entries
 * @property {Float32Array} points
 * @property {Float32Array} entries
 * @property {Float32Array} seen
 */

/** @typedef {0 | 1 | 2} Sight GONE: outside the ground; HIDDEN: behind a hill; SEEN */

/**
 * A track as the camera sees it, without the points that do not show.
 * @typedef {{ seen: Float32Array, sight: ArrayLike<number>, entries: Float32Array, size: number }} Laid
 */

/** @typedef {[x: number, y: number, sight: Sight]} Spot in CSS pixels */

export const LIFT = 0.012; // of paths above the ground, in units of the box
export const SLACK = 0.035; // units of the box: a point no further behind the ground lies on it, and is not hidden
const PIECES = 6000; // points of a path laid on the ground, about, so that long steps follow it
const SAME = 0.6; // squared pixels from the point before, below which a point adds nothing to see
/** @type {Sight} */
export const GONE = 0;
/** @type {Sight} */
export const HIDDEN = 1;
/** @type {Sight} */
export const SEEN = 2;
/** @type {Spot} */
export const NOWHERE = [NaN, NaN, GONE];

/**
 * A path laid on the ground; long steps in pieces, so that they follow the ground too.
 * @param {Contender} contender
 * @param {[x: string, y: string]} names of the two channels
 * @param {Relief} relief
 * @returns {Track}
 */
export function track(contender, names, relief) {
  const { axis = [], xs = [], ys = [] } = pathOf(contender, names) ?? {};
  const { x: rangeX, y: rangeY } = relief.mesh;
  const [across, up] = [rangeX, rangeY].map(([low, high]) => (high - low) / SIDE);
  /** @type {number[]} */
  const points = [];
  /** @type {number[]} */
  const entries = [];
  /** @type {(x: number, y: number, entry: number) => void} */
  const push = (x, y, entry) => {
    points.push(...(relief.on(x, y, LIFT) ?? [NaN, NaN, NaN]));
    entries.push(entry);
  };
  const parts = Array.from(xs, (x, k) => partOver([x, ys[k]], [xs[k + 1], ys[k + 1]], [rangeX, rangeY]));
  const lengths = parts.map(([from, to], k) => {
    return Math.max(to - from, 0) * Math.hypot((xs[k + 1] - xs[k]) / across, (ys[k + 1] - ys[k]) / up);
  });
  const length = lengths.reduce((sum, each) => sum + (Number.isFinite(each) ? each : 0), 0);
  for (let k = 0; k < xs.length; k += 1) {
    push(xs[k], ys[k], k);
    const pieces = Math.min(Math.ceil(lengths[k] * Math.min(1, PIECES / length)), 4 * SIDE) || 1;
    for (let j = 1; j < pieces; j += 1) {
      const t = parts[k][0] + (j / pieces) * (parts[k][1] - parts[k][0]);
      push(xs[k] + t * (xs[k + 1] - xs[k]), ys[k] + t * (ys[k + 1] - ys[k]), k + t);
    }
  }
  const seen = new Float32Array(points.length);
  return { contender, axis, points: Float32Array.from(points), entries: Float32Array.from(entries), seen };
}

/**
 * Which part of a step lies over the ground: a run that flies off in one step is seen as far as its edge.
 * @param {Point} from
 * @param {Point} to
 * @param {[x: Range, y: Range]} ranges of the ground
 * @returns {[from: number, to: number]} nothing where from > to
 */
export function partOver(from, to, ranges) {
  let [first, last] = [0, 1];
  ranges.forEach(([low, high], axis) => {
    const way = to[axis] - from[axis];
    if (!way) return;
    const [a, b] = [(low - from[axis]) / way, (high - from[axis]) / way];
    first = Math.max(first, Math.min(a, b));
    last = Math.min(last, Math.max(a, b));
  });
  return [first, last];
}

/**
 * Sees a track from the camera.
 * @param {Track} track
 * @param {Camera} camera
 * @param {Picture} picture
 * @returns {Laid}
 */
export function lay({ points, entries, seen }, camera, picture) {
  camera.project(points, seen);
  const { length } = entries;
  const kept = { seen: new Float32Array(3 * length), sight: new Uint8Array(length), entries: new Float32Array(length) };
  let size = 0;
  for (let k = 0; k < length; k += 1) {
    const [x, y, near] = [seen[3 * k], seen[3 * k + 1], seen[3 * k + 2]];
    const sight = Number.isNaN(x) ? GONE : picture.shows(x, y, near, SLACK) ? SEEN : HIDDEN;
    if (size && k < length - 1 && sight === kept.sight[size - 1]) {
      const [dx, dy] = [x - kept.seen[3 * size - 3], y - kept.seen[3 * size - 2]];
      if (sight === GONE || dx * dx + dy * dy < SAME) continue;
    }
    kept.seen.set([x, y, near], 3 * size);
    kept.sight[size] = sight;
    kept.entries[size] = entries[k];
    size += 1;
  }
  return {
    seen: kept.seen.subarray(0, 3 * size),
    sight: kept.sight.subarray(0, size),
    entries: kept.entries.subarray(0, size),
    size,
  };
}

/**
 * How many points of a laid path lie at or before an entry.
 * @param {Laid} laid
 * @param {number} entry with fractions
 */
export function pointsUntil({ entries, size }, entry) {
  return size ? place(entries, entry).i + 1 : 0;
}

/**
 * Strokes what is in sight of a laid path, or what is hidden, up to a count of points and then the head.
 * @param {CanvasRenderingContext2D} context
 * @param {Laid} laid
 * @param {{ size: number, wanted: Sight, head?: Spot }} part
 * @param {Pen} pen
 */
export function line(context, { seen, sight }, { size, wanted, head = NOWHERE }, pen) {
  let [x, y, before, drawing] = [NaN, NaN, /** @type {number} */ (GONE), false];
  context.beginPath();
  for (let k = 0; k <= size; k += 1) {
    const here = k < size ? sight[k] : head[2];
    const left = k < size ? seen[3 * k] : head[0];
    const top = k < size ? seen[3 * k + 1] : head[1];
    const draws = here !== GONE && before !== GONE && (here === before ? here : HIDDEN) === wanted;
    if (draws && !drawing) context.moveTo(x, y);
    if (draws) context.lineTo(left, top);
    [x, y, before, drawing] = [left, top, here, draws];
  }
  stroke(context, pen);
}
