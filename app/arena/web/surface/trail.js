// A path on a surface: laid on the ground, seen by the camera, stroked where it is in sight.

import { SIDE } from "./relief.js";
import { place } from "../shared/scene.js";

export const LIFT = 0.012; // of paths above the ground, in units of the box
export const SLACK = 0.035; // what is no further behind the ground than this is not hidden: it lies on it
const PIECES = 6000; // points of a path laid on the ground, about, so that long steps follow it
export const GONE = 0;
export const HIDDEN = 1;
export const SEEN = 2;
export const NOWHERE = [NaN, NaN, GONE];

/** A path laid on the ground, in the box's coordinates; long steps in pieces, so that they follow the ground too. */
export function track(contender, names, relief) {
  const [xs, ys] = names.map((name) => contender.channels[name]?.values ?? []);
  const axis = contender.axes[contender.channels[names[0]]?.axis] ?? []; // on a plane not every step has an entry
  const [across, up] = [relief.mesh.x, relief.mesh.y].map(([low, high]) => (high - low) / SIDE);
  const points = [];
  const entries = [];
  const push = (x, y, entry) => {
    points.push(...(relief.on(x, y, LIFT) ?? [NaN, NaN, NaN]));
    entries.push(entry);
  };
  const parts = Array.from(xs, (x, k) => over([x, ys[k]], [xs[k + 1], ys[k + 1]], [relief.mesh.x, relief.mesh.y]));
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
  const path = Float32Array.from(points);
  return { contender, axis, points: path, entries: Float32Array.from(entries), seen: new Float32Array(path.length) };
}

/** Which part of a step lies over the ground: a run that flies off in one step is seen as far as its edge. */
function over(from, to, ranges) {
  let part = [0, 1];
  ranges.forEach(([low, high], axis) => {
    const way = to[axis] - from[axis];
    const edges = [low, high].map((edge) => (edge - from[axis]) / way).sort((a, b) => a - b);
    if (way) part = [Math.max(part[0], edges[0]), Math.min(part[1], edges[1])];
  });
  return part;
}

/** A track as the camera sees it, without the points that do not show. */
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
      if (sight === GONE || dx * dx + dy * dy < 0.6) continue;
    }
    kept.seen.set([x, y, near], 3 * size);
    kept.sight[size] = sight;
    kept.entries[size] = entries[k];
    size += 1;
  }
  kept.seen = kept.seen.subarray(0, 3 * size);
  kept.sight = kept.sight.subarray(0, size);
  kept.entries = kept.entries.subarray(0, size);
  return { ...kept, size, until: (entry) => (size ? place(kept.entries, entry).i + 1 : 0) };
}

/** Strokes what is in sight of a laid path, or what is not, up to a count of points and then the head. */
export function line(context, { seen, sight }, { size, wanted, head = NOWHERE }, colour, width, alpha, dash) {
  let [x, y, before, drawing] = [NaN, NaN, GONE, false];
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
  stroke(context, colour, width, alpha, dash);
}

export function stroke(context, colour, width, alpha, dash) {
  const before = context.globalAlpha;
  context.globalAlpha = alpha;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.stroke();
  context.globalAlpha = before;
}
