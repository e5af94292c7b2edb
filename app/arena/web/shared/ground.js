// The ground under the paths: the height at a point, the range of heights, and the colour of a height.

/** @import { Grid } from "./types.d.ts" */

/**
 * @typedef {[r: number, g: number, b: number]} Colour 0 to 255
 */

/**
 * The height at (x, y), bilinear between the points of the grid; NaN outside of it.
 * @param {Grid} grid
 * @param {number} x
 * @param {number} y
 */
export function heightAt(grid, x, y) {
  const { columns, rows, height } = grid;
  const u = ((x - grid.x[0]) / (grid.x[1] - grid.x[0])) * (columns - 1);
  const v = ((y - grid.y[0]) / (grid.y[1] - grid.y[0])) * (rows - 1);
  if (!(u >= 0 && u <= columns - 1 && v >= 0 && v <= rows - 1)) return NaN;
  const i = Math.min(Math.floor(u), columns - 2);
  const j = Math.min(Math.floor(v), rows - 2);
  const [s, t, k] = [u - i, v - j, j * columns + i];
  const below = (1 - s) * height[k] + s * height[k + 1];
  const above = (1 - s) * height[k + columns] + s * height[k + columns + 1];
  return (1 - t) * below + t * above;
}

/**
 * The lowest and the highest finite height; [NaN, NaN] where there is none.
 * @param {Float32Array} heights
 */
export function heightRange(heights) {
  let [low, high] = [Infinity, -Infinity];
  for (const height of heights) {
    if (height < low && height > -Infinity) low = height;
    if (height > high && height < Infinity) high = height;
  }
  return low <= high ? [low, high] : [NaN, NaN];
}

/**
 * A function of a fraction in [0, 1] to a colour, piecewise linear between the given ones.
 * @param {string[]} colours "#rrggbb"
 * @returns {(fraction: number) => Colour}
 */
export function colourScale(colours) {
  const parts = colours.map(parseColour);
  return (fraction) => {
    const at = Math.min(Math.max(fraction, 0), 1) * (parts.length - 1);
    const i = Math.min(Math.floor(at), Math.max(parts.length - 2, 0));
    const [low, high] = [parts[i], parts[Math.min(i + 1, parts.length - 1)]];
    /** @param {0 | 1 | 2} c */
    const between = (c) => low[c] + (at - i) * (high[c] - low[c]);
    return [between(0), between(1), between(2)];
  };
}

/**
 * "#rrggbb" or "#rrggbbaa" as numbers; alpha from 0 to 1.
 * @param {string} colour
 * @returns {[...Colour, a: number]}
 */
export function parseColour(colour) {
  const [r, g, b, a] = [1, 3, 5, 7].map((i) => parseInt(colour.slice(i, i + 2), 16));
  return [r, g, b, Number.isNaN(a) ? 1 : a / 255];
}

/**
 * An opaque pixel as ImageData keeps it in memory on every processor that browsers run on, which is little-endian.
 * @param {number} r
 * @param {number} g
 * @param {number} b
 */
export function pack(r, g, b) {
  return ((255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r)) >>> 0;
}
