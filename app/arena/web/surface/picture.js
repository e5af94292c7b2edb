// A relief as a picture with its depth, filled triangle by triangle in memory: neighbouring polygons of a canvas leave
// seams, and the depth tells for every line drawn later what lies behind a hill.

import { SHADES } from "./camera.js";

const HEIGHTS = 256;

/** Packed pixels: for each shade, a colour for each height. `tint(height, light)`, both 0 to 1, gives [r, g, b]. */
export function palette(tint) {
  const table = new Uint32Array(SHADES * HEIGHTS);
  for (let s = 0; s < SHADES; s += 1) {
    for (let h = 0; h < HEIGHTS; h += 1) {
      const [r, g, b] = tint(h / (HEIGHTS - 1), s / (SHADES - 1));
      table[s * HEIGHTS + h] = (255 << 24) | (Math.round(b) << 16) | (Math.round(g) << 8) | Math.round(r);
    }
  }
  return table;
}

/** A picture in memory, with the nearness of what is at each of its pixels. */
export class Picture {
  constructor() {
    this.canvas = document.createElement("canvas");
  }

  /** An empty picture of so many CSS pixels, with `scale` pixels on each. */
  clear(width, height, scale) {
    const [columns, rows] = [Math.round(width * scale), Math.round(height * scale)];
    this.scale = scale;
    if (this.image?.width !== columns || this.image.height !== rows) {
      this.canvas.width = columns;
      this.canvas.height = rows;
      this.image = new ImageData(columns, rows);
      this.pixels = new Uint32Array(this.image.data.buffer);
      this.near = new Float32Array(columns * rows);
    }
    this.pixels.fill(0);
    this.near.fill(0);
  }

  /** Whether a point at (x, y) CSS pixels is in front of all that was filled, or at most `slack` behind it. */
  shows(x, y, near, slack) {
    const { width, height } = this.image;
    const [column, row] = [Math.floor(x * this.scale), Math.floor(y * this.scale)];
    if (column < 0 || row < 0 || column >= width || row >= height) return true;
    return near + slack * near * near >= this.near[row * width + column];
  }

  /** Fills triangles. `seen`: x, y, nearness of each corner; `heights` 0 to 1; `shades` and `table` as made above. */
  fill(triangles, seen, heights, shades, table) {
    const { pixels, near: depth, scale } = this;
    const { width, height } = this.image;
    for (let k = 0; k < triangles.length; k += 3) {
      let [a, b, c] = [triangles[k], triangles[k + 1], triangles[k + 2]];
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

  /** Puts the picture on a canvas whose unit is the CSS pixel. */
  draw(context, width, height) {
    this.canvas.getContext("2d").putImageData(this.image, 0, 0);
    context.imageSmoothingQuality = "medium";
    context.drawImage(this.canvas, 0, 0, width, height);
  }
}
