// The picture of a map's ground, painted anew only where what it shows has changed.

import { contextOf } from "../shared/canvas.js";
import { heightAt } from "../shared/ground.js";
import { paint } from "./paint.js";
import { span } from "./viewport.js";

/**
 * @import { Grid, Ground, Range, SceneMap } from "../shared/types.d.ts"
 * @import { Viewport } from "./viewport.js"
 */

const COARSE = 450_000; // device pixels above which the ground is painted at half resolution while it is being moved
const FEWEST = 7; // contour lines in a view, as far as the levels can be halved
const HALVINGS = 12; // the most there may be
const SAMPLES = 20; // of heights along each side of a view
const LINES = { light: "#4a5f8066", dark: "#a9c0e04d" };

/** A canvas of its own with the ground in it. */
export class GroundBitmap {
  #canvas = document.createElement("canvas");
  /** @type {{ key: string, height: Float32Array } | null} what was painted last */
  #painted = null;

  /**
   * @param {SceneMap & { grid: Grid }} map
   * @param {Ground} colours
   * @param {Viewport} viewport
   * @param {number} ratio device pixels of a CSS pixel
   * @param {boolean} dark
   * @param {boolean} moving whether there is no time for every pixel
   * @returns {HTMLCanvasElement} the ground as the viewport shows it
   */
  of({ grid, levels, logarithmic }, colours, viewport, ratio, dark, moving) {
    const { width, height } = viewport.box;
    const mode = dark ? "dark" : "light";
    const finely = moving && width * height * ratio ** 2 > COARSE ? ratio / 2 : ratio;
    const size = { width: Math.round(width * finely), height: Math.round(height * finely), ratio: finely };
    const view = { x: viewport.x, y: viewport.y };
    const key = JSON.stringify([view, size, mode, colours[mode], levels, logarithmic, grid.x, grid.y, grid.columns]);
    if (!this.#painted || key !== this.#painted.key || !alike(grid.height, this.#painted.height)) {
      this.#painted = { key, height: grid.height };
      this.#canvas.width = size.width;
      this.#canvas.height = size.height;
      const picture = { levels: finer(levels, grid, view), colours: colours[mode], lineColour: LINES[mode] };
      paint(contextOf(this.#canvas), grid, { ...picture, view, size, logarithmic });
    }
    return this.#canvas;
  }
}

/**
 * The levels, halved as often as it takes to see some of them in a view from close by.
 * @param {number[]} levels ascending
 * @param {Grid} grid
 * @param {{x: Range, y: Range}} view
 */
export function finer(levels, grid, view) {
  const [low, high] = heightsIn(grid, view);
  let halved = levels;
  for (let k = 0; k < HALVINGS && halved.length > 1; k++) {
    if (halved.filter((level) => level > low && level < high).length >= FEWEST) break;
    const all = halved.flatMap((level, i) => (i ? [(halved[i - 1] + level) / 2, level] : [level]));
    halved = all.filter((level, i) => (all[i + 1] ?? level) >= low && (all[i - 1] ?? level) <= high);
  }
  return halved;
}

/**
 * About the lowest and the highest height in a view.
 * @param {Grid} grid
 * @param {{x: Range, y: Range}} view
 */
function heightsIn(grid, view) {
  /**
   * @param {Range} range
   * @param {number} k
   */
  const along = (range, k) => range[0] + (k / (SAMPLES - 1)) * span(range);
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < SAMPLES ** 2; k++) {
    const height = heightAt(grid, along(view.x, k % SAMPLES), along(view.y, Math.floor(k / SAMPLES)));
    if (height < low) low = height;
    if (height > high) high = height;
  }
  return [low, high];
}

/**
 * @param {Float32Array} a
 * @param {Float32Array} b
 */
function alike(a, b) {
  return a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));
}
