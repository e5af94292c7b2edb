// The ranges that paths take, where nothing else says what to show. A path that flies away must not press the others
// flat, and rounding must not look like a spiral.

import { pathOf } from "../shared/scene.js";
import { span } from "./viewport.js";

/**
 * @import { Contender, Point, Range, SceneMap } from "../shared/types.d.ts"
 * @import { Ranges } from "./viewport.js"
 */

/**
 * A path without the entries that are not finite, and how far it goes from the start.
 * @typedef {{ points: Point[], broken: boolean, reach: number }} Reached
 */

const FLAT = 1e-3; // of a path's length: what it strays across by less is rounding, and drawn as straight
const OUTLIER = 8; // median reaches of the paths: what leaves further than this does not set the range
const PADDING = 0.07; // of a range, at each end

/**
 * Ranges with the start, the minimisers and the paths, without outliers.
 * @param {{ contenders: Contender[], map: SceneMap }} scene
 * @returns {Ranges}
 */
export function fit({ contenders, map }) {
  const start = map.start ?? [0, 0];
  /** @param {Point} point */
  const away = ([x, y]) => Math.max(Math.abs(x - start[0]), Math.abs(y - start[1]));
  const paths = contenders.map((contender) => {
    const { xs = [], ys = [] } = pathOf(contender, map.path) ?? {};
    const all = Array.from(xs, (x, k) => /** @type {Point} */ ([x, ys[k]]));
    const points = all.filter((point) => point.every(Number.isFinite));
    return { points, broken: contender.broken, reach: points.reduce((most, point) => Math.max(most, away(point)), 0) };
  });
  const limit = farthest(paths, away);
  const points = [...paths.flatMap((path) => path.points), ...map.minimisers].filter((point) => away(point) <= limit);
  const [x, y] = [ends(points, 0, start), ends(points, 1, start)];
  const long = Math.max(span(x), span(y)) || 1;
  return { x: padded(x, FLAT * long), y: padded(y, FLAT * long) };
}

/**
 * How far from the start a point may lie and still be shown.
 * @param {Reached[]} paths
 * @param {(point: Point) => number} away
 */
function farthest(paths, away) {
  const moved = paths.filter(({ reach }) => reach > 0);
  const sound = moved.filter(({ broken }) => !broken);
  if (sound.length) return OUTLIER * median(sound.map(({ reach }) => reach));
  if (moved.length > 1) return OUTLIER * median(moved.map(({ reach }) => reach));
  // A lone path that broke: eight times how far it was half way.
  const all = paths.flatMap(({ points }) => points.map(away)).sort(ascending);
  return OUTLIER * (all[all.length >> 1] ?? 0) || Infinity;
}

/**
 * The lowest and the highest coordinate of points and start.
 * @param {Point[]} points
 * @param {0 | 1} axis
 * @param {Point} start
 */
function ends(points, axis, start) {
  /** @type {Range} */
  const range = [start[axis], start[axis]];
  for (const point of points) {
    range[0] = Math.min(range[0], point[axis]);
    range[1] = Math.max(range[1], point[axis]);
  }
  return range;
}

/**
 * @param {number} a
 * @param {number} b
 */
function ascending(a, b) {
  return a - b;
}

/**
 * The value in the middle; the lower one of two.
 * @param {number[]} values
 */
function median(values) {
  return [...values].sort(ascending)[(values.length - 1) >> 1];
}

/**
 * @param {Range} range
 * @param {number} least the least that it spans to each side
 * @returns {Range}
 */
function padded(range, least) {
  const [low, high] = span(range) >= least ? range : [range[0] - least, range[1] + least];
  return [low - PADDING * (high - low), high + PADDING * (high - low)];
}
