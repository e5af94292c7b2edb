// Where the names of levels stand in a plot: above or below their line, at either end or in the middle, wherever they
// cover least of the curves and of each other.

/** @typedef {{ x: number, y: number, width: number }} Spot the upper left corner and the width of a label, in pixels */

/** @typedef {{ left: number, right: number, top: number, bottom: number }} Plot in pixels */

const HEIGHT = 14; // pixels of a label
const APART = 6; // pixels between two labels
const OVERLAP = 1e3; // what it costs to cover another label, in pixels of a curve
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
  const starts = [right - width - 2, left + 6, (left + right - width) / 2];
  const spots = starts.flatMap((x) => [level - 15, level + 2].map((y) => ({ x, y, width })));
  const inside = spots.filter(({ y }) => y >= top - 6 && y + 13 <= bottom);
  /** @param {Spot} spot */
  const cost = (spot) => covered(lines, spot) + OVERLAP * taken.filter((other) => meets(other, spot)).length;
  return (inside.length ? inside : spots).reduce((best, spot) => (cost(spot) < cost(best) - 0.5 ? spot : best));
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
