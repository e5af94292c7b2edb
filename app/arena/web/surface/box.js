// The box around a surface: its edges at the back, its ticks and their numbers.

import { minus, number } from "../shared/format.js";
import { multiples } from "../shared/ticks.js";
import { FLOOR, TALL } from "./camera.js";
import { stroke } from "./stroke.js";

/**
 * @import { Range, SceneMap, Theme } from "../shared/types.d.ts"
 * @import { Camera, Triple } from "./camera.js"
 * @import { Relief } from "./relief.js"
 */

/** @typedef {(part: number, out: number, w: number) => Triple} Edge where the part of an edge is seen */

const HEIGHTS = 4; // ticks of the height, about
const SHORTEST = 60; // pixels of an edge that gets ticks
const APART = { edge: 45, height: 16 }; // pixels from tick to tick, at least

/** The box behind the ground, and ticks with numbers along those of its edges that nothing covers. */
export class Axes {
  #context;
  #camera;
  #map;
  #relief;
  #theme;
  #heights;
  #front;

  /**
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   * @param {SceneMap} map
   * @param {Relief} relief
   * @param {Theme} theme
   */
  constructor(context, camera, map, relief, theme) {
    this.#context = context;
    this.#camera = camera;
    this.#map = map;
    this.#relief = relief;
    this.#theme = theme;
    this.#heights = ticks([relief.low, relief.high], HEIGHTS);
    /** @type {[u: number, v: number][]} */
    const corners = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ];
    this.#front = corners.reduce((a, b) => (this.#spot(...a, FLOOR)[2] > this.#spot(...b, FLOOR)[2] ? a : b));
    context.font = `12px ${theme.font}`;
    context.fillStyle = theme.muted;
  }

  /** Draws thin lines behind the ground: the edges at the back, and the heights of the ticks. */
  box() {
    const [u, v] = this.#front;
    const { grid } = this.#theme;
    for (const w of [...this.#heights.map((height) => this.#relief.up(height)), TALL / 2]) {
      this.#bar(grid, this.#spot(-u, v, w), this.#spot(-u, -v, w), this.#spot(u, -v, w));
    }
    for (const [a, b] of [
      [-u, v],
      [-u, -v],
      [u, -v],
    ]) {
      this.#bar(grid, this.#spot(a, b, FLOOR), this.#spot(a, b, TALL / 2));
    }
  }

  ticks() {
    const { label: nameX } = this.#map.x;
    const { label: nameY } = this.#map.y;
    const { x: rangeX, y: rangeY } = this.#relief.mesh;
    const [u, v] = this.#front;
    this.#edge(nameX, rangeX, (part, out, w) => this.#spot(part, v * (1 + out), w));
    this.#edge(nameY, rangeY, (part, out, w) => this.#spot(u * (1 + out), part, w));
    /** @type {[[u: number, v: number], [u: number, v: number]]} */
    const [a, b] = [
      [-u, v],
      [u, -v],
    ];
    const left = this.#spot(...a, 0)[0] < this.#spot(...b, 0)[0] ? a : b;
    const tall = this.#spot(...left, FLOOR)[1] - this.#spot(...left, TALL / 2)[1];
    const every = Math.ceil((APART.height * this.#heights.length) / Math.max(tall, 1));
    // From high above there are none.
    for (const value of tall < 30 ? [] : this.#heights.filter((_, k) => k % every === 0)) {
      const [x, y] = this.#spot(...left, this.#relief.up(value));
      this.#bar(this.#theme.muted, [x - 4, y], [x, y]);
      this.#text(minus(number(value)), x - 7, y, "right");
    }
    const { logarithmic, measure } = this.#map;
    this.#text(`height: ${logarithmic ? `log₁₀(${measure})` : measure}`, 4, 12, "left");
  }

  /**
   * Draws ticks and the name along an edge; `out` leads away from the block, `w` up.
   * @param {string} label
   * @param {Range} range
   * @param {Edge} edge
   */
  #edge(label, range, edge) {
    const [[x0, y0], [x1, y1]] = [edge(0, 0, FLOOR), edge(0, 0.1, FLOOR)];
    const far = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [dx, dy] = [(x1 - x0) / far, (y1 - y0) / far];
    // From high above, the nearer top of the block hangs over its floor.
    const [x2, y2] = edge(0, 0, TALL / 2);
    const height = (x2 - x0) * dx + (y2 - y0) * dy > 0 ? TALL / 2 : FLOOR;
    /** @param {number} part from -1 to 1 */
    const at = (part) => edge(part, 0, height);
    const [from, to, middle] = [at(-1), at(1), at(0)];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length < SHORTEST) return; // seen from its end
    const align = dx < -0.35 ? "right" : dx > 0.35 ? "left" : "center";
    for (const value of ticks(range, Math.min(5, length / APART.edge))) {
      const [x, y] = at((2 * (value - range[0])) / (range[1] - range[0]) - 1);
      this.#bar(this.#theme.muted, [x, y], [x + 4 * dx, y + 4 * dy]);
      this.#text(minus(number(value)), x + 8 * dx, y + 12 * dy, align);
    }
    this.#text(label, middle[0] + 36 * dx, middle[1] + 36 * dy, align);
  }

  /**
   * @param {number} u
   * @param {number} v
   * @param {number} w
   */
  #spot(u, v, w) {
    return this.#camera.project([u, v, w], /** @type {Triple} */ ([0, 0, 0]));
  }

  /**
   * Draws a line through spots.
   * @param {string} colour
   * @param {...number[]} spots
   */
  #bar(colour, ...spots) {
    this.#context.beginPath();
    for (const [x, y] of spots) this.#context.lineTo(x, y);
    stroke(this.#context, { colour, width: 1 });
  }

  /**
   * Writes words that stay on the canvas; those of a point that is off it are left out.
   * @param {string} words
   * @param {number} x
   * @param {number} y
   * @param {"left" | "center" | "right"} align
   */
  #text(words, x, y, align) {
    const context = this.#context;
    const { width, height } = this.#camera;
    if (x < 0 || y < 0 || x > width || y > height) return;
    const wide = context.measureText(words).width;
    const left = x - { left: 0, center: wide / 2, right: wide }[align];
    const [across, down] = [Math.min(Math.max(left, 2), width - wide - 2), Math.min(Math.max(y, 8), height - 7)];
    context.textBaseline = "middle";
    context.strokeStyle = this.#theme.background;
    context.lineWidth = 3;
    context.strokeText(words, across, down);
    context.fillText(words, across, down);
  }
}

/**
 * Round numbers from low to high, about so many.
 * @param {Range} range
 * @param {number} count
 */
export function ticks([low, high], count) {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const rough = (high - low) / Math.max(count, 1);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5].find((each) => each * decade >= rough * 0.85) ?? 10;
  return multiples(low, high, factor * decade);
}
