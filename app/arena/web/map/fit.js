// The ranges that paths take, where nothing else says what to show. A path that flies away must not press the others
// flat, and rounding must not look like a spiral.

import { span } from "./viewport.js";

const FLAT = 1e-3; // of a path's length: what it strays across by less is rounding, and drawn as straight
const OUTLIER = 8; // median reaches of the paths: what leaves further than this does not set the range
const PADDING = 0.07;

/** @returns {{x: number[], y: number[]}} ranges with the start, the minimisers and the paths, without outliers */
export function fit({ contenders, map }) {
  const start = map.start ?? [0, 0];
  const away = (point) => Math.max(...point.map((value, axis) => Math.abs(value - start[axis])));
  const paths = contenders.map(({ channels, broken }) => {
    const [xs, ys] = map.path.map((name) => channels[name]?.values ?? []);
    const points = Array.from(xs, (x, k) => [x, ys[k]]).filter((point) => point.every(Number.isFinite));
    return { points, broken, reach: points.reduce((most, point) => Math.max(most, away(point)), 0) };
  });
  const limit = farthest(paths, away);
  const shown = paths.flatMap(({ points }) => points).concat(map.minimisers ?? []);
  const kept = shown.filter((point) => away(point) <= limit);
  const ends = (axis) => {
    const within = ([low, high], point) => [Math.min(low, point[axis]), Math.max(high, point[axis])];
    return kept.reduce(within, [start[axis], start[axis]]);
  };
  const [x, y] = [ends(0), ends(1)];
  const long = Math.max(span(x), span(y)) || 1;
  return { x: padded(x, FLAT * long), y: padded(y, FLAT * long) };
}

/** How far from the start a point may lie and still be shown. */
function farthest(paths, away) {
  const reaches = (kept) =>
    paths
      .filter(kept)
      .map(({ reach }) => reach)
      .sort(ascending);
  const sound = reaches(({ reach, broken }) => reach > 0 && !broken);
  if (sound.length) return OUTLIER * median(sound);
  const broken = reaches(({ reach }) => reach > 0);
  if (broken.length > 1) return OUTLIER * median(broken);
  // A lone path that broke: eight times how far it was half way.
  const all = paths.flatMap(({ points }) => points.map(away)).sort(ascending);
  return OUTLIER * (all[all.length >> 1] ?? 0) || Infinity;
}

function ascending(a, b) {
  return a - b;
}

/** The lower one of two in the middle. */
function median(sorted) {
  return sorted[(sorted.length - 1) >> 1];
}

function padded(range, least) {
  const wide = span(range) >= least ? range : [range[0] - least, range[1] + least];
  return [wide[0] - PADDING * span(wide), wide[1] + PADDING * span(wide)];
}
