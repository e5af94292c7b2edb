// Where the names of levels stand in a plot: above or below their line, at either end or in the middle, wherever they
// cover least of the curves and of each other.

/** @typedef {{ x: number, y: number, width: number }} Spot the upper left corner and the width of a label, in pixels */

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Plot in pixels */

/** Pixels; the size of a label's letters. */
export const FONT = 11;

const HEIGHT = 14; // pixels of a label
const APART = 6; // pixels between two labels
const OVERLAP = 1e3; // what it costs to cover another label, in pixels of a curve
const PLACES = [1, 0, 0.5, 0.8, 0.6, 0.4, 0.2]; // parts of the plot's width, the best first
const ALONG = [0.7, 0.85, 0.97, 0.5, 0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]; // parts of a line's points, the best first
const MARGIN = 8; // pixels that a label leaves free of the plot's width

/**
 * The widest that a label may be.
 * @param {Plot} plot
 */
export function widest({ left, right }) {
  return right - left - MARGIN;
}

/**
 * The spot of a label that costs least.
 * @param {number} level the pixel of the line
 * @param {number} width of the label
 * @param {Plot} plot
 * @param {number[][]} lines points of each curve, x and y in turn
 * @param {Spot[]} taken spots of other labels
 */
export function spotOf(level, width, { left, right, top, bottom }, lines, taken) {
  const room = right - left - width - MARGIN;
  const starts = PLACES.map((part) => left + 6 + part * Math.max(0, room));
  const spots = starts.flatMap((x) => [level - 15, level + 2].map((y) => ({ x, y, width })));
  const inside = spots.filter(({ y }) => y >= top - 6 && y + 13 <= bottom);
  return cheapest(inside.length ? inside : spots, lines, taken);
}

/**
 * The spot of a line's name that costs least: beside the line, somewhere along it; undefined where it has no place.
 * @param {number[]} points of the line, x and y in turn
 * @param {number} width of the label
 * @param {Plot} plot
 * @param {number[][]} lines points of each curve
 * @param {Spot[]} taken spots of other labels
 */
export function spotsAlong(points, width, { left, right, top, bottom }, lines, taken) {
  const count = points.length / 2;
  const spots = ALONG.flatMap((part) => {
    const k = 2 * Math.round(part * (count - 1));
    const [x, y] = [points[k], points[k + 1]];
    const corners = [
      [x - width - 6, y + 4],
      [x - width / 2, y + 4],
      [x + 8, y - HEIGHT / 2],
      [x - width / 2, y - HEIGHT - 3],
    ];
    return corners.map(([x, y]) => ({ x, y, width }));
  });
  const inside = spots.filter(
    ({ x, y }) => x >= left + 2 && x + width <= right - 2 && y >= top - 4 && y + HEIGHT <= bottom + 2,
  );
  return inside.length ? cheapest(inside, lines, taken) : undefined;
}

/**
 * The upper edges of names at the ends of lines, in the order given: beside the ends, and apart from each other.
 * @param {number[]} ends pixels
 * @param {{ top: number, bottom: number }} plot
 */
export function endsOf(ends, { top, bottom }) {
  const [first, last] = [top - HEIGHT / 2, bottom - HEIGHT / 2];
  const apart = Math.min(HEIGHT - 2, (last - first) / Math.max(1, ends.length - 1));
  const order = ends.map((_, k) => k).sort((a, b) => ends[a] - ends[b]);
  const heights = ends.map((end) => Math.min(last, Math.max(first, end - HEIGHT / 2)));
  order.forEach((k, rank) => {
    if (rank) heights[k] = Math.max(heights[k], heights[order[rank - 1]] + apart);
  });
  let most = last;
  for (const k of order.reverse()) {
    heights[k] = Math.min(heights[k], most);
    most = heights[k] - apart;
  }
  return heights;
}

/**
 * @param {Spot[]} spots at least one; of equals the first
 * @param {number[][]} lines
 * @param {Spot[]} taken
 */
function cheapest(spots, lines, taken) {
  /** @param {Spot} spot */
  const cost = (spot) => covered(lines, spot) + OVERLAP * taken.filter((other) => meets(other, spot)).length;
  const costs = spots.map(cost);
  return spots[costs.reduce((best, each, k) => (each < costs[best] - 0.5 ? k : best), 0)];
}

/**
 * How much of the curves lies under a label, in pixels along the step axis.
 * @param {number[][]} lines
 * @param {Spot} spot
 */
function covered(lines, { x, y, width }) {
  let sum = 0;
  for (const points of lines) {
    for (let k = 0; k + 3 < points.length; k += 2) {
      const [x0, y0, x1, y1] = [points[k], points[k + 1], points[k + 2], points[k + 3]];
      if (x1 < x || x0 > x + width || !(Math.max(y0, y1) >= y && Math.min(y0, y1) <= y + HEIGHT)) continue;
      sum += Math.max(0.5, Math.min(x1, x + width) - Math.max(x0, x));
    }
  }
  return sum;
}

/**
 * @param {Spot} a
 * @param {Spot} b
 */
function meets(a, b) {
  const across = b.x < a.x + a.width + APART && a.x < b.x + b.width + APART;
  return across && b.y < a.y + HEIGHT && a.y < b.y + HEIGHT;
}
