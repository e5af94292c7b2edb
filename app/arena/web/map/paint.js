// The picture of a landscape from above: bands between the levels, a thin line along each level, shaded by height.

import { colourScale, heightRange, pack, parseColour } from "../shared/ground.js";

/** @import { Grid, Range } from "../shared/types.d.ts" */

const BINS = 2048; // heights told apart by colour
const FLAT_SHARE = 0.6; // how much of the shading is the same all over a band; the rest follows the height
const DEPTH = 1.5; // power of the fraction: the lower ground is told apart more finely
const SHARPEST = 4; // ratio of neighbouring curvatures beyond which a cell counts as a kink and is not rounded

/**
 * @typedef {object} Picture
 * @property {number[]} levels ascending heights
 * @property {string[]} colours "#rrggbb" from the lowest to the highest
 * @property {string} lineColour "#rrggbb" or "#rrggbbaa"
 * @property {{x: Range, y: Range}} view the ranges that fill the bitmap
 * @property {{width: number, height: number, ratio: number}} size in device pixels; ratio: of them to a CSS pixel
 * @property {boolean} logarithmic whether heights are log10 of something
 */

/**
 * The pixels along one axis, one more at each end: the cell of the grid that each lies in (-1 outside) and where in it.
 * @typedef {{ cell: Int32Array, part: Float64Array }} Cells
 */

/**
 * What bends each pixel's column between two rows of the grid: heights of the lower row, the rise to the upper one, and the
 * second differences at both.
 * @typedef {{ cell: number, from: Float64Array, rise: Float64Array, first: Float64Array, second: Float64Array }} Column
 */

/**
 * Paint the ground onto a bitmap, from its upper left corner; no finite height means transparent.
 *
 * Heights that are logarithms are interpolated as what they are the logarithms of: a narrow valley that runs between
 * the points of the grid is then one valley, where its logarithm would be a string of pits.
 *
 * @param {CanvasRenderingContext2D} context of the bitmap
 * @param {Grid} grid
 * @param {Picture} picture
 */
export function paint(context, grid, { levels, colours, lineColour, view, size, logarithmic }) {
  const { width, height: tall, ratio } = size;
  const image = context.createImageData(width, tall);
  const pixels = new Uint32Array(image.data.buffer);
  const [low, high] = heightRange(grid.height);
  if (low <= high) {
    const values = Float64Array.from(grid.height);
    if (logarithmic) for (let k = 0; k < values.length; k++) values[k] = 10 ** values[k];
    const bands = bandTable(levels, low, high, colours);
    const line = parseColour(lineColour);
    // One pixel more on every side: for the slope.
    const across = cells(view.x[0], view.x[1], width, grid.x, grid.columns);
    const down = cells(view.y[1], view.y[0], tall, grid.y, grid.rows);
    /** @type {Float64Array[]} */
    const sampled = new Array(grid.rows);
    /** @param {number} j */
    const row = (j) => (sampled[j] ??= resample(values, j * grid.columns, grid.columns, across));
    const column = emptyColumn(width + 2);
    let [above, now, below] = [0, 1, 2].map(() => new Float64Array(width + 2));
    const bottom = logarithmic ? 10 ** low : low;
    for (let r = 0; r < tall + 2; r++) {
      [above, now, below] = [now, below, above];
      if (down.cell[r] < 0) below.fill(NaN);
      else {
        if (column.cell !== down.cell[r]) bendColumn(column, down.cell[r], grid.rows, row);
        mix(below, column, down.part[r], logarithmic, bottom, low, high);
      }
      if (r > 1) shade(pixels, (r - 2) * width, above, now, below, bands, line, ratio);
    }
  }
  context.putImageData(image, 0, 0);
}

/**
 * @param {number} from
 * @param {number} to
 * @param {number} count of pixels between them
 * @param {Range} range of the grid
 * @param {number} points of the grid along this axis
 * @returns {Cells}
 */
function cells(from, to, count, range, points) {
  const cell = new Int32Array(count + 2);
  const part = new Float64Array(count + 2);
  for (let p = 0; p < count + 2; p++) {
    const at = from + ((p - 0.5) / count) * (to - from);
    const u = ((at - range[0]) / (range[1] - range[0])) * (points - 1);
    const inside = u > -1e-9 && u < points - 1 + 1e-9;
    cell[p] = inside ? Math.min(Math.max(Math.floor(u), 0), points - 2) : -1;
    part[p] = u - cell[p];
  }
  return { cell, part };
}

/**
 * The two second differences that bend the line between the points b and c, with a and d beyond them.
 *
 * b + t (c - b) - t (1 - t) / 2 ((1 - t) first + t second) is the Catmull-Rom spline. Where one curvature is far
 * greater than the other stands a wall or a kink, and the spline would dig a ditch before it: both are kept alike.
 * @param {number} a
 * @param {number} b
 * @param {number} c
 * @param {number} d
 * @param {number[]} out
 */
function bend(a, b, c, d, out) {
  let first = a - 2 * b + c;
  let second = b - 2 * c + d;
  if (!Number.isFinite(first)) first = Number.isFinite(second) ? second : 0;
  if (!Number.isFinite(second)) second = first;
  const most = SHARPEST * Math.min(Math.abs(first), Math.abs(second));
  out[0] = Math.min(Math.max(first, -most), most);
  out[1] = Math.min(Math.max(second, -most), most);
}

/**
 * A row of the grid at each pixel across.
 * @param {Float64Array} values
 * @param {number} start of the row
 * @param {number} columns
 * @param {Cells} across
 */
function resample(values, start, columns, across) {
  const heights = new Float64Array(across.cell.length);
  const bends = [0, 0];
  let [last, from, rise] = [-2, 0, 0];
  for (let p = 0; p < heights.length; p++) {
    const i = across.cell[p];
    if (i < 0) {
      heights[p] = NaN;
      continue;
    }
    if (i !== last) {
      [from, rise, last] = [values[start + i], values[start + i + 1] - values[start + i], i];
      const beyond = i + 2 < columns ? values[start + i + 2] : NaN;
      bend(i > 0 ? values[start + i - 1] : NaN, from, values[start + i + 1], beyond, bends);
    }
    const t = across.part[p];
    heights[p] = from + t * rise - 0.5 * t * (1 - t) * ((1 - t) * bends[0] + t * bends[1]);
  }
  return heights;
}

/**
 * @param {number} width
 * @returns {Column}
 */
function emptyColumn(width) {
  const [from, rise, first, second] = [0, 1, 2, 3].map(() => new Float64Array(width));
  return { cell: -2, from, rise, first, second };
}

/**
 * Bends the pixels' columns between the rows j and j + 1 of the grid.
 * @param {Column} column
 * @param {number} j
 * @param {number} rows
 * @param {(j: number) => Float64Array} row
 */
function bendColumn(column, j, rows, row) {
  const [from, to] = [row(j), row(j + 1)];
  const before = j > 0 ? row(j - 1) : null;
  const after = j + 2 < rows ? row(j + 2) : null;
  const bends = [0, 0];
  column.cell = j;
  column.from = from;
  for (let p = 0; p < from.length; p++) {
    bend(before ? before[p] : NaN, from[p], to[p], after ? after[p] : NaN, bends);
    column.rise[p] = to[p] - from[p];
    column.first[p] = bends[0];
    column.second[p] = bends[1];
  }
}

/**
 * The heights of one row of pixels, the part t of the way up a column's cell.
 * @param {Float64Array} now
 * @param {Column} column
 * @param {number} t
 * @param {boolean} logarithmic
 * @param {number} bottom what counts as the lowest height
 * @param {number} low
 * @param {number} high
 */
function mix(now, column, t, logarithmic, bottom, low, high) {
  const { from, rise, first, second } = column;
  const [p, q] = [0.5 * t * (1 - t) * (1 - t), 0.5 * t * t * (1 - t)];
  for (let i = 0; i < now.length; i++) {
    const value = from[i] + t * rise[i] - p * first[i] - q * second[i];
    const height = value <= bottom ? low : logarithmic ? Math.log(value) * Math.LOG10E : value;
    now[i] = height > high ? high : height;
  }
}

/**
 * For each of BINS heights: its colour, and the number of the last level below it.
 * @param {number[]} levels
 * @param {number} low
 * @param {number} high
 * @param {string[]} colours
 */
export function bandTable(levels, low, high, colours) {
  const scale = colourScale(colours);
  const edges = Float64Array.from([-Infinity, ...levels, Infinity]);
  const pixels = new Uint32Array(BINS);
  const under = new Int32Array(BINS);
  /** @param {number} height */
  const fraction = (height) => (high > low ? (height - low) / (high - low) : 0.5);
  for (let bin = 0, k = 0; bin < BINS; bin++) {
    while (edges[k + 1] <= low + (bin / BINS) * (high - low)) k++;
    const smooth = (bin + 0.5) / BINS;
    const middle = fraction((Math.max(edges[k], low) + Math.min(edges[k + 1], high)) / 2);
    pixels[bin] = pack(...scale((levels.length ? FLAT_SHARE * middle + (1 - FLAT_SHARE) * smooth : smooth) ** DEPTH));
    under[bin] = k;
  }
  return { edges, pixels, under, low, perHeight: high > low ? BINS / (high - low) : 0 };
}

/**
 * Bands and lines of one row of pixels; a line is as thick on a steep slope as on a gentle one.
 * @param {Uint32Array} pixels
 * @param {number} start of the row
 * @param {Float64Array} above heights of the row above
 * @param {Float64Array} now
 * @param {Float64Array} below
 * @param {ReturnType<typeof bandTable>} bands
 * @param {ReturnType<typeof parseColour>} line
 * @param {number} ratio
 */
function shade(pixels, start, above, now, below, bands, line, ratio) {
  const { edges, pixels: colours, under, low, perHeight } = bands;
  const half = 0.5 * Math.max(1, 0.9 * ratio);
  const reach = (half + 0.5) * (half + 0.5);
  const count = now.length - 2;
  for (let p = 0; p < count; p++) {
    const height = now[p + 1];
    if (!(height < Infinity)) continue;
    const bin = Math.min(((height - low) * perHeight) | 0, BINS - 1);
    let colour = colours[bin];
    let k = under[bin];
    while (edges[k + 1] <= height) k++;
    const off = Math.min(height - edges[k], edges[k + 1] - height);
    const dx = 0.5 * (now[p + 2] - now[p]); // NaN on the rim: no line there
    const dy = 0.5 * (below[p + 1] - above[p + 1]);
    const steep = dx * dx + dy * dy;
    if (off * off < reach * steep) {
      const slope = Math.sqrt(steep); // height per pixel
      const coverage = Math.min(half + 0.5 - off / slope, 1);
      // Lines that crowd would be a grey mass, and those along the bottom of a crease a row of specks: they fade.
      const crease = Math.abs(now[p + 2] - 2 * height + now[p]) + Math.abs(below[p + 1] - 2 * height + above[p + 1]);
      const apart = (edges[k + 1] - edges[k]) / (slope + 4 * crease) / ratio;
      const alpha = line[3] * coverage * Math.min(Math.max((apart - 1.5) / 4.5, 0), 1);
      colour = pack(
        (colour & 255) + alpha * (line[0] - (colour & 255)),
        ((colour >> 8) & 255) + alpha * (line[1] - ((colour >> 8) & 255)),
        ((colour >> 16) & 255) + alpha * (line[2] - ((colour >> 16) & 255)),
      );
    }
    pixels[start + p] = colour;
  }
}
