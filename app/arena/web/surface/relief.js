// The ground of a landscape as a block: a mesh, its level lines, its colours.

import { colourScale, heightAt, heightRange } from "../shared/ground.js";
import { FLOOR, TALL } from "./camera.js";
import { facesOf, levelLines, normal, trianglesOf } from "./mesh.js";
import { palette } from "./picture.js";

/**
 * @import { Grid, SceneMap } from "../shared/types.d.ts"
 * @import { Colour } from "../shared/ground.js"
 * @import { Camera, Triple } from "./camera.js"
 * @import { Picture } from "./picture.js"
 */

/** Vertices along a side at most: more than this is finer than what anybody sees. */
export const SIDE = 110;
/** @type {Colour} */
const WHITE = [255, 255, 255];
/**
 * Two colours that full shadow and full light mix a colour with, and how much; the light in which it stays as it is; and
 * the colour of the walls.
 * @typedef {{ even: number, deep: number, bright: number, shadow: Colour, sun: Colour, wall: Colour }} Lighting
 */
/** @type {Lighting} */
const LIGHT = { even: 0.85, deep: 0.75, bright: 0.6, shadow: [66, 86, 120], sun: WHITE, wall: [206, 215, 228] };
/** @type {Lighting} */
const DARK = { even: 0.55, deep: 0.7, bright: 0.34, shadow: [6, 9, 16], sun: [166, 192, 230], wall: [32, 43, 60] };
const WALL = 0.6; // of the walls' own colour in them
const BLACK = palette(() => [0, 0, 0]);
const ABOVE = 0.003; // units of the box, of level lines above the ground

/** The ground as a block: a mesh on top, four sides down to the floor, and the level lines. */
export class Relief {
  #top;
  #walls;
  #levels;
  #colours = { key: "", top: BLACK, walls: BLACK }; // until it is painted only the depth is asked for

  /**
   * @param {Grid} grid
   * @param {number[]} levels heights
   */
  constructor(grid, levels) {
    this.mesh = coarser(grid);
    const { columns, rows, height } = this.mesh;
    const [low, high] = heightRange(height);
    this.low = low;
    this.high = high;
    const span = high - low || 1;
    const heights = height.map((value) => (value - low) / span);
    const points = new Float32Array(3 * columns * rows);
    const normals = new Float32Array(3 * columns * rows);
    /**
     * @param {number} back a vertex
     * @param {number} forth
     * @param {number} apart
     */
    const slope = (back, forth, apart) => {
      const rise = (heights[forth] - heights[back]) * TALL;
      return Number.isFinite(rise) ? rise / apart : 0;
    };
    for (let j = 0, k = 0; j < rows; j += 1) {
      for (let i = 0; i < columns; i += 1, k += 1) {
        const [u, v] = [(2 * i) / (columns - 1) - 1, (2 * j) / (rows - 1) - 1];
        points.set([u, v, (heights[k] - 0.5) * TALL], 3 * k);
        const [west, east, south, north] = [i > 0, i < columns - 1, j > 0, j < rows - 1].map(Number);
        const along = slope(k - west, k + east, (2 * (west + east)) / (columns - 1));
        const across = slope(k - columns * south, k + columns * north, (2 * (south + north)) / (rows - 1));
        normals.set(normal(along, across), 3 * k);
      }
    }
    const corners = trianglesOf(columns, rows, heights);
    this.#top = visible({ corners, points, normals, heights });
    this.#walls = visible(facesOf(columns, rows, points, heights, FLOOR));
    const fractions = levels.map((level) => (level - low) / span);
    const lines = levelLines(corners, points, heights, fractions, ABOVE);
    this.#levels = { points: lines, seen: new Float32Array(lines.length) };
  }

  /**
   * A height in the box's coordinates.
   * @param {number} height
   */
  up(height) {
    return ((height - this.low) / (this.high - this.low || 1) - 0.5) * TALL;
  }

  /**
   * The box's coordinates of a point on the ground, lifted; undefined outside.
   * @param {number} x
   * @param {number} y
   * @param {number} lift
   * @returns {Triple | undefined}
   */
  on(x, y, lift) {
    const { mesh } = this;
    const height = heightAt(mesh, x, y);
    if (!Number.isFinite(height)) return undefined;
    /** @type {(value: number, range: [number, number]) => number} */
    const part = (value, [low, high]) => (2 * (value - low)) / (high - low) - 1;
    return [part(x, mesh.x), part(y, mesh.y), this.up(height) + lift];
  }

  /**
   * Takes the colours of the theme.
   * @param {string[]} colours
   * @param {boolean} dark
   */
  paint(colours, dark) {
    const key = `${colours}${dark}`;
    if (key === this.#colours.key) return;
    const ground = colourScale(colours);
    const lighting = dark ? DARK : LIGHT;
    const top = palette((height, light) => lit(ground(height), light, lighting));
    const walls = palette((height, light) => lit(mix(ground(height), lighting.wall, WALL), (1 + light) / 2, lighting));
    this.#colours = { key, top, walls };
  }

  /**
   * Sees all from the camera.
   * @param {Camera} camera
   */
  look(camera) {
    for (const { points, normals, seen, shades } of [this.#top, this.#walls]) {
      camera.project(points, seen);
      camera.light(normals, shades);
    }
  }

  /** @param {Picture} picture */
  fill(picture) {
    picture.fill(this.#top, this.#colours.top);
    picture.fill(this.#walls, this.#colours.walls);
  }

  /**
   * Adds the level lines that are not behind a hill to a context, as a path to be stroked.
   * @param {CanvasRenderingContext2D} context
   * @param {Camera} camera
   * @param {Picture} picture
   * @param {number} slack
   */
  lines(context, camera, picture, slack) {
    const seen = camera.project(this.#levels.points, this.#levels.seen);
    context.beginPath();
    for (let k = 0; k < seen.length; k += 6) {
      const near = (seen[k + 2] + seen[k + 5]) / 2;
      if (!picture.shows((seen[k] + seen[k + 3]) / 2, (seen[k + 1] + seen[k + 4]) / 2, near, slack)) continue;
      context.moveTo(seen[k], seen[k + 1]);
      context.lineTo(seen[k + 3], seen[k + 4]);
    }
  }
}

/**
 * Whether two maps have the same ground: a run that goes on sends it again and again.
 * @param {SceneMap} map
 * @param {SceneMap} before
 */
export function same(map, before) {
  const [now, then] = [map.grid, before.grid];
  if (!now || !then) return false;
  /** @type {(grid: Grid, levels: number[]) => string} */
  const told = ({ columns, rows, x, y }, levels) => JSON.stringify([columns, rows, x, y, levels]);
  if (told(now, map.levels) !== told(then, before.levels)) return false;
  return now.height.every((value, k) => Object.is(value, then.height[k]));
}

/**
 * A grid with at most SIDE points along each side; infinite heights are NaN.
 * @param {Grid} grid
 * @returns {Grid}
 */
function coarser(grid) {
  const [columns, rows] = [Math.min(grid.columns, SIDE), Math.min(grid.rows, SIDE)];
  const height = new Float32Array(columns * rows);
  /** @type {(range: [number, number], i: number, count: number) => number} */
  const at = ([low, high], i, count) => (i === count - 1 ? high : low + ((high - low) * i) / (count - 1));
  const whole = columns === grid.columns && rows === grid.rows;
  for (let j = 0, k = 0; j < rows; j += 1) {
    for (let i = 0; i < columns; i += 1, k += 1) {
      const value = whole ? grid.height[k] : heightAt(grid, at(grid.x, i, columns), at(grid.y, j, rows));
      height[k] = Number.isFinite(value) ? value : NaN;
    }
  }
  return { ...grid, columns, rows, height };
}

/**
 * Triangles with room for what the camera sees of them.
 * @template {{ points: Float32Array, heights: Float32Array }} Faces
 * @param {Faces} faces
 */
function visible(faces) {
  return { ...faces, seen: new Float32Array(faces.points.length), shades: new Float32Array(faces.heights.length) };
}

/**
 * A colour in a light.
 * @param {Colour} colour
 * @param {number} light from 0 to 1
 * @param {Lighting} lighting
 */
function lit(colour, light, { shadow, sun, even, deep, bright }) {
  if (light < even) return mix(colour, shadow, (1 - light / even) * deep);
  return mix(colour, sun, ((light - even) / (1 - even)) * bright);
}

/**
 * @param {Colour} a
 * @param {Colour} b
 * @param {number} part of b
 * @returns {Colour}
 */
function mix(a, b, part) {
  return [a[0] + (b[0] - a[0]) * part, a[1] + (b[1] - a[1]) * part, a[2] + (b[2] - a[2]) * part];
}
