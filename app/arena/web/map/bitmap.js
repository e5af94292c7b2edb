// The picture of a map's ground, painted anew only where what it shows has changed.

import { heightAt, paint } from "../shared/ground.js";
import { span } from "./viewport.js";

const COARSE = 450_000; // device pixels above which the ground is painted at half resolution while it is being moved
const FEWEST = 7; // contour lines in a view, as far as the levels can be halved
const SAMPLES = 20; // of heights along each side of a view
const LINES = { light: "#4a5f8066", dark: "#a9c0e04d" };

/** A canvas of its own with the ground in it. */
export class GroundBitmap {
  #canvas = document.createElement("canvas");
  #shown = null;

  /** @returns {HTMLCanvasElement} the ground of a scene; `moving`: there is no time for every pixel */
  of({ map, ground }, viewport, ratio, dark, moving) {
    const { width, height } = viewport.box;
    const mode = dark ? "dark" : "light";
    const finely = moving && width * height * ratio ** 2 > COARSE ? ratio / 2 : ratio;
    const size = { width: Math.round(width * finely), height: Math.round(height * finely), ratio: finely };
    const view = { x: viewport.x, y: viewport.y };
    const { grid, levels, logarithmic } = map;
    const told = JSON.stringify([view, size, mode, ground[mode], levels, logarithmic, grid.x, grid.y, grid.columns]);
    if (told !== this.#shown?.told || !alike(grid.height, this.#shown.height)) {
      this.#shown = { told, height: grid.height };
      this.#canvas.width = size.width;
      this.#canvas.height = size.height;
      const context = this.#canvas.getContext("2d");
      paint(context, grid, finer(levels, grid, view), ground[mode], view, size, LINES[mode], logarithmic);
    }
    return this.#canvas;
  }
}

/** The levels, halved as often as it takes to see some of them in a view from close by. */
function finer(levels, grid, view) {
  const [low, high] = seen(grid, view);
  let found = levels;
  for (let k = 0; k < 12 && found.length > 1; k++) {
    if (found.filter((level) => level > low && level < high).length >= FEWEST) break;
    found = found.flatMap((level, i) => (i ? [(found[i - 1] + level) / 2, level] : [level]));
    found = found.filter((level, i) => (found[i + 1] ?? level) >= low && (found[i - 1] ?? level) <= high);
  }
  return found;
}

/** About the lowest and the highest height in a view. */
function seen(grid, view) {
  const along = (range, part) => range[0] + (part / (SAMPLES - 1)) * span(range);
  let [low, high] = [Infinity, -Infinity];
  for (let k = 0; k < SAMPLES ** 2; k++) {
    const height = heightAt(grid, along(view.x, k % SAMPLES), along(view.y, Math.floor(k / SAMPLES)));
    if (height < low) low = height;
    if (height > high) high = height;
  }
  return [low, high];
}

function alike(a, b) {
  return a === b || (a.length === b.length && a.every((value, i) => Object.is(value, b[i])));
}
