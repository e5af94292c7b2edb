// The ground of a landscape as a block: a mesh, its level lines, its colours.

import { FLOOR, TALL } from "./camera.js";
import { colourScale, heightAt } from "../shared/ground.js";
import { palette } from "./picture.js";

/** Vertices along a side at most: more than this is finer than what anybody sees. */
export const SIDE = 110;
const STEEP = 0.75; // a cliff is lit as if it were this much as steep, else it would be a black wall
const WHITE = [255, 255, 255];
// What full shadow and full light make of a colour, how much of it, and the light in which it stays as it is.
const LIGHT = { even: 0.85, deep: 0.75, bright: 0.6, shadow: [66, 86, 120], sun: WHITE, wall: [206, 215, 228] };
const DARK = { even: 0.55, deep: 0.7, bright: 0.34, shadow: [6, 9, 16], sun: [166, 192, 230], wall: [32, 43, 60] };

/** The ground as a block: a mesh on top, four sides down to the floor, and the level lines. */
export class Relief {
  constructor(grid, levels) {
    this.mesh = coarser(grid);
    const { columns, rows, height } = this.mesh;
    const finite = height.filter(Number.isFinite);
    this.low = finite.reduce((a, b) => Math.min(a, b), Infinity);
    this.high = finite.reduce((a, b) => Math.max(a, b), -Infinity);
    const span = this.high - this.low || 1;
    this.heights = height.map((value) => (value - this.low) / span);
    this.points = new Float32Array(3 * columns * rows);
    this.normals = new Float32Array(3 * columns * rows);
    const slope = (back, forth, apart) => {
      const rise = (this.heights[forth] - this.heights[back]) * TALL;
      return Number.isFinite(rise) ? rise / apart : 0;
    };
    for (let j = 0, k = 0; j < rows; j += 1) {
      for (let i = 0; i < columns; i += 1, k += 1) {
        const [u, v] = [(2 * i) / (columns - 1) - 1, (2 * j) / (rows - 1) - 1];
        this.points.set([u, v, this.#up(this.heights[k])], 3 * k);
        const [west, east, south, north] = [i > 0, i < columns - 1, j > 0, j < rows - 1].map(Number);
        const along = slope(k - west, k + east, (2 * (west + east)) / (columns - 1));
        const across = slope(k - columns * south, k + columns * north, (2 * (south + north)) / (rows - 1));
        this.normals.set(normal(along, across), 3 * k);
      }
    }
    this.triangles = triangles(columns, rows, this.heights);
    this.#sides(columns, rows);
    const fractions = levels.map((level) => (level - this.low) / span);
    this.levels = levelLines(this.triangles, this.points, this.heights, fractions);
    this.seen = new Float32Array(this.points.length);
    this.shades = new Float32Array(columns * rows);
    this.levelsSeen = new Float32Array(this.levels.length);
  }

  #up(fraction) {
    return (fraction - 0.5) * TALL;
  }

  /** The box's coordinates of a point on the ground, lifted; undefined outside. */
  on(x, y, lift) {
    const { mesh } = this;
    const height = heightAt(mesh, x, y);
    if (!Number.isFinite(height)) return undefined;
    const part = (value, [low, high]) => (2 * (value - low)) / (high - low) - 1;
    return [part(x, mesh.x), part(y, mesh.y), this.#up((height - this.low) / (this.high - this.low || 1)) + lift];
  }

  #sides(columns, rows) {
    const [points, normals, heights, corners] = [[], [], [], []];
    const side = (length, vertex, facing) => {
      for (let i = 0; i < length; i += 1) {
        const k = vertex(i);
        const [u, v, w] = this.points.subarray(3 * k, 3 * k + 3);
        const at = heights.length;
        points.push(u, v, w, u, v, FLOOR);
        normals.push(...facing, ...facing);
        heights.push(this.heights[k], 0);
        if (i) corners.push(at - 2, at - 1, at, at, at - 1, at + 1);
      }
    };
    side(columns, (i) => i, [0, -1, 0]);
    side(columns, (i) => (rows - 1) * columns + i, [0, 1, 0]);
    side(rows, (i) => i * columns, [-1, 0, 0]);
    side(rows, (i) => i * columns + columns - 1, [1, 0, 0]);
    const shades = new Float32Array(heights.length);
    const faces = [points, normals, heights].map((list) => Float32Array.from(list));
    this.walls = { points: faces[0], normals: faces[1], heights: faces[2], corners, shades };
    this.walls.seen = new Float32Array(points.length);
  }

  /** Takes the colours of the theme. */
  paint(colours, dark) {
    const key = `${colours}${dark}`;
    if (key === this.key) return;
    const ground = colourScale(colours);
    const { shadow, sun, wall, even, deep, bright } = dark ? DARK : LIGHT;
    const mix = (a, b, part) => a.map((value, k) => value + (b[k] - value) * part);
    const lit = (colour, light) => {
      if (light < even) return mix(colour, shadow, (1 - light / even) * deep);
      return mix(colour, sun, ((light - even) / (1 - even)) * bright);
    };
    this.table = palette((height, light) => lit(ground(height), light));
    this.wallTable = palette((height, light) => lit(mix(ground(height), wall, 0.6), (1 + light) / 2));
    this.key = key;
  }

  /** Sees all from the camera. */
  look(camera) {
    camera.project(this.points, this.seen);
    camera.light(this.normals, this.shades);
    camera.project(this.walls.points, this.walls.seen);
    camera.light(this.walls.normals, this.walls.shades);
  }

  fill(picture) {
    const { walls } = this;
    if (!this.table) this.table = this.wallTable = palette(() => [0, 0, 0]); // only the depth is asked for
    picture.fill(this.triangles, this.seen, this.heights, this.shades, this.table);
    picture.fill(walls.corners, walls.seen, walls.heights, walls.shades, this.wallTable);
  }

  /** The level lines that are not behind a hill, as a path to be stroked. */
  lines(context, camera, picture, slack) {
    const seen = camera.project(this.levels, this.levelsSeen);
    context.beginPath();
    for (let k = 0; k < seen.length; k += 6) {
      const near = (seen[k + 2] + seen[k + 5]) / 2;
      if (!picture.shows((seen[k] + seen[k + 3]) / 2, (seen[k + 1] + seen[k + 4]) / 2, near, slack)) continue;
      context.moveTo(seen[k], seen[k + 1]);
      context.lineTo(seen[k + 3], seen[k + 4]);
    }
  }
}

/** Whether two maps have the same ground: a run that goes on sends it again and again. */
export function same(map, before) {
  if (!before) return false;
  const told = ({ grid, levels }) => JSON.stringify([{ ...grid, height: 0 }, levels]);
  const heights = before.grid.height;
  return told(map) === told(before) && map.grid.height.every((value, k) => Object.is(value, heights[k]));
}

function coarser(grid) {
  const [columns, rows] = [Math.min(grid.columns, SIDE), Math.min(grid.rows, SIDE)];
  const height = new Float32Array(columns * rows);
  const at = ([low, high], i, count) => (i === count - 1 ? high : low + ((high - low) * i) / (count - 1));
  const same = columns === grid.columns && rows === grid.rows;
  for (let j = 0, k = 0; j < rows; j += 1) {
    for (let i = 0; i < columns; i += 1, k += 1) {
      const value = same ? grid.height[k] : heightAt(grid, at(grid.x, i, columns), at(grid.y, j, rows));
      height[k] = Number.isFinite(value) ? value : NaN;
    }
  }
  return { ...grid, columns, rows, height };
}

function triangles(columns, rows, heights) {
  const found = [];
  for (let j = 0; j < rows - 1; j += 1) {
    for (let i = 0; i < columns - 1; i += 1) {
      const [a, b] = [j * columns + i, j * columns + i + 1];
      const [c, d] = [a + columns, b + columns];
      // Cut along the diagonal that bends less, so that a slanting valley is no row of teeth.
      const falls = Math.abs(heights[a] - heights[d]) < Math.abs(heights[b] - heights[c]);
      for (const corners of falls
        ? [
            [a, b, d],
            [a, d, c],
          ]
        : [
            [a, b, c],
            [b, d, c],
          ]) {
        if (corners.every((k) => Number.isFinite(heights[k]))) found.push(...corners);
      }
    }
  }
  return Uint32Array.from(found);
}

/** Where each triangle crosses each level: u, v, w of both ends. */
function levelLines(corners, points, heights, levels) {
  const found = [];
  for (let k = 0; k < corners.length; k += 3) {
    const [low, middle, high] = [...corners.subarray(k, k + 3)].sort((a, b) => heights[a] - heights[b]);
    for (const level of levels) {
      if (!(heights[low] < level && level <= heights[high])) continue;
      const other = level > heights[middle] ? [middle, high] : [low, middle];
      for (const [from, to] of [[low, high], other]) {
        const part = (level - heights[from]) / (heights[to] - heights[from] || 1);
        for (let e = 0; e < 3; e += 1) {
          found.push(points[3 * from + e] + part * (points[3 * to + e] - points[3 * from + e]) + (e === 2 ? 0.003 : 0));
        }
      }
    }
  }
  return Float32Array.from(found);
}

/** A normal of unit length from two slopes. */
function normal(along, across) {
  const [a, b] = [along * STEEP, across * STEEP];
  const length = Math.hypot(a, b, 1);
  return [-a / length, -b / length, 1 / length];
}
