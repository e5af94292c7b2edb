// A relief as a picture with its depth, filled triangle by triangle in memory: neighbouring polygons of a canvas leave
// seams, and the depth tells for every line drawn later what lies behind a hill.

import { contextOf } from "../shared/canvas.js";
import { make } from "../shared/dom.js";
import { pack } from "../shared/ground.js";
import { SHADES } from "./camera.js";

/** @import { Colour } from "../shared/ground.js" */

/**
 * Triangles to be filled.
 * @typedef {object} Mesh
 * @property {ArrayLike<number>} corners three vertices for each triangle
 * @property {Float32Array} seen x, y in CSS pixels and the nearness of each vertex
 * @property {Float32Array} heights of each vertex, from 0 to 1
 * @property {Float32Array} shades of each vertex
 */

const HEIGHTS = 256; // told apart by colour

/**
 * Packed pixels: for each shade, a colour for each height.
 * @param {(height: number, light: number) => Colour} tint both from 0 to 1
 */
export function palette(tint) {
  const table = new Uint32Array(SHADES * HEIGHTS);
  for (let s = 0; s < SHADES; s += 1) {
    for (let h = 0; h < HEIGHTS; h += 1) {
      table[s * HEIGHTS + h] = pack(...tint(h / (HEIGHTS - 1), s / (SHADES - 1)));
    }
  }
  return table;
}

/** A picture in memory, with the nearness of what is at each of its pixels. */
export class Picture {
  #columns = 0;
  #rows = 0;
  #scale = 1; // pixels of a CSS pixel
  #pixels = new Uint32Array();
  #near = new Float32Array();
  /** @type {HTMLCanvasElement | undefined} never shown: the picture is scaled from it */
  #canvas;

  /**
   * Makes it an empty picture.
   * @param {number} width CSS pixels
   * @param {number} height
   * @param {number} scale pixels of a CSS pixel
   */
  clear(width, height, scale) {
    const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
    this.#scale = scale;
    if (columns === this.#columns && rows === this.#rows) {
      this.#pixels.fill(0);
      this.#near.fill(0);
      return;
    }
    this.#columns = columns;
    this.#rows = rows;
    this.#pixels = new Uint32Array(columns * rows);
    this.#near = new Float32Array(columns * rows);
  }

  /**
   * Whether a point is in front of all that was filled, or at most `slack` behind it.
   * @param {number} x CSS pixels
   * @param {number} y
   * @param {number} near its nearness
   * @param {number} slack a distance, in units of the box
   */
  shows(x, y, near, slack) {
    const [column, row] = [Math.floor(x * this.#scale), Math.floor(y * this.#scale)];
    if (column < 0 || row < 0 || column >= this.#columns || row >= this.#rows) return true;
    return near + slack * near * near >= this.#near[row * this.#columns + column];
  }

  /**
   * Fills triangles.
   * @param {Mesh} mesh
   * @param {Uint32Array} table a palette
   */
  fill({ corners, seen, heights, shades }, table) {
    const [pixels, depth, scale] = [this.#pixels, this.#near, this.#scale];
    const [width, height] = [this.#columns, this.#rows];
    for (let k = 0; k < corners.length; k += 3) {
      let [a, b, c] = [corners[k], corners[k + 1], corners[k + 2]];
      if (seen[3 * b + 1] < seen[3 * a + 1]) [a, b] = [b, a];
      if (seen[3 * c + 1] < seen[3 * a + 1]) [a, c] = [c, a];
      if (seen[3 * c + 1] < seen[3 * b + 1]) [b, c] = [c, b];
      const ax = seen[3 * a] * scale;
      const ay = seen[3 * a + 1] * scale;
      const bx = seen[3 * b] * scale - ax;
      const by = seen[3 * b + 1] * scale - ay;
      const cx = seen[3 * c] * scale - ax;
      const cy = seen[3 * c + 1] * scale - ay;
      const area = bx * cy - cx * by;
      if (!(Math.abs(area) > 1e-6)) continue; // seen from its edge, or a corner is nowhere
      const [n0, h0, s0] = [seen[3 * a + 2], heights[a] * (HEIGHTS - 1), shades[a]];
      const [nb, nc] = [seen[3 * b + 2] - n0, seen[3 * c + 2] - n0];
      const [hb, hc] = [heights[b] * (HEIGHTS - 1) - h0, heights[c] * (HEIGHTS - 1) - h0];
      const [sb, sc] = [shades[b] - s0, shades[c] - s0];
      const nx = (nb * cy - nc * by) / area;
      const ny = (nc * bx - nb * cx) / area;
      const hx = (hb * cy - hc * by) / area;
      const hy = (hc * bx - hb * cx) / area;
      const sx = (sb * cy - sc * by) / area;
      const sy = (sc * bx - sb * cx) / area;
      const bottom = Math.min(Math.ceil(ay + cy - 0.5), height);
      for (let row = Math.max(Math.ceil(ay - 0.5), 0); row < bottom; row += 1) {
        const y = row + 0.5 - ay;
        const long = (cx * y) / cy;
        const short = y < by ? (bx * y) / by : bx + ((cx - bx) * (y - by)) / (cy - by);
        const first = Math.max(Math.ceil(ax + Math.min(long, short) - 0.5), 0);
        const end = Math.min(Math.ceil(ax + Math.max(long, short) - 0.5), width);
        const x = first + 0.5 - ax;
        let n = n0 + nx * x + ny * y;
        let h = h0 + hx * x + hy * y;
        let s = s0 + sx * x + sy * y;
        for (let at = row * width + first, stop = row * width + end; at < stop; at += 1, n += nx, h += hx, s += sx) {
          if (n <= depth[at]) continue;
          depth[at] = n;
          const tone = h < 0 ? 0 : h > HEIGHTS - 1 ? HEIGHTS - 1 : h;
          pixels[at] = table[((s < 0 ? 0 : s > SHADES - 1 ? SHADES - 1 : s) << 8) | tone];
        }
      }
    }
  }

  /**
   * Puts the picture on a canvas whose unit is the CSS pixel.
   * @param {CanvasRenderingContext2D} context
   * @param {number} width CSS pixels
   * @param {number} height
   */
  draw(context, width, height) {
    const canvas = (this.#canvas ??= make("canvas"));
    if (canvas.width !== this.#columns || canvas.height !== this.#rows) {
      canvas.width = this.#columns;
      canvas.height = this.#rows;
    }
    const bytes = new Uint8ClampedArray(this.#pixels.buffer);
    contextOf(canvas).putImageData(new ImageData(bytes, this.#columns, this.#rows), 0, 0);
    context.imageSmoothingQuality = "medium";
    context.drawImage(canvas, 0, 0, width, height);
  }
}
