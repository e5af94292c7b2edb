// How a surface is seen: where the camera stands, and where it sees a point.

/**
 * A point in the box, or what is seen of it: x and y in CSS pixels, and the nearness (1 / distance).
 * @typedef {[u: number, v: number, w: number]} Triple
 */

/**
 * Three numbers for each point, one point after the other.
 * @typedef {Float32Array | Triple} Points
 */

/**
 * Where it looks from: two angles in radians, the zoom, and by what parts of the picture's size it is shifted.
 * @typedef {[azimuth: number, elevation: number, zoom: number, right: number, down: number]} Look
 */

/** The height of the box, which is [-1, 1] x [-1, 1] on the ground. */
export const TALL = 0.95;
/** The block stands this far above its floor where it is lowest. */
const PLINTH = 0.09;

/** The height of the floor. */
export const FLOOR = -TALL / 2 - PLINTH;

const AWAY = 7; // from the middle of the box; the further, the milder the perspective
const LOWEST = 0.09; // radians of elevation
const HIGHEST = 1.45;
const ZOOMS = { least: 0.6, most: 8 };
const MARGIN = { side: 72, top: 26, bottom: 44 }; // CSS pixels for ticks and labels
const SMALLEST = 20; // CSS pixels of half the box's side, before it is zoomed
/** How many shades `light` tells apart. */
export const SHADES = 64;
const LIGHT = [-0.5, -0.42, 0.76]; // from the left, over the viewer's shoulder: in the camera's own axes

/** Radians: the first view of a surface for which nothing better is known. */
const FIRST = { azimuth: -0.62, elevation: 0.74 };

export class Camera {
  width = 1; // CSS pixels
  height = 1;
  azimuth = FIRST.azimuth; // radians
  elevation = FIRST.elevation;
  zoom = 1;
  right = 0; // CSS pixels that the picture is shifted by
  down = 0;
  #home = FIRST;

  /**
   * Sets where it looks from at first, and after a reset.
   * @param {number} azimuth
   * @param {number} elevation
   */
  settle(azimuth, elevation) {
    this.#home = { azimuth, elevation };
    this.reset();
  }

  reset() {
    Object.assign(this, this.#home, { zoom: 1, right: 0, down: 0 });
  }

  /**
   * Where it looks from; null: where it looked from at first.
   * @returns {Look | null}
   */
  get look() {
    const { azimuth, elevation, zoom, right, down, width, height } = this;
    return this.moved ? [azimuth % (2 * Math.PI), elevation, zoom, right / width, down / height] : null;
  }

  set look(look) {
    this.reset();
    if (!look) return;
    const [azimuth, elevation, zoom, right, down] = look;
    this.azimuth = azimuth % (2 * Math.PI);
    this.elevation = Math.min(Math.max(elevation, LOWEST), HIGHEST);
    this.zoom = Math.min(Math.max(zoom, ZOOMS.least), ZOOMS.most);
    this.shift(right * this.width, down * this.height);
  }

  /** Whether it was turned, zoomed or shifted since the last reset. */
  get moved() {
    const { azimuth, elevation } = this.#home;
    const turned = this.azimuth !== azimuth || this.elevation !== elevation;
    return turned || this.zoom !== 1 || this.right !== 0 || this.down !== 0;
  }

  /**
   * @param {number} width CSS pixels
   * @param {number} height
   */
  resize(width, height) {
    this.width = width;
    this.height = height;
  }

  /**
   * @param {number} azimuth radians
   * @param {number} elevation
   */
  turn(azimuth, elevation) {
    this.azimuth += azimuth;
    this.elevation = Math.min(Math.max(this.elevation + elevation, LOWEST), HIGHEST);
  }

  /**
   * Goes nearer or further; what is at (x, y) stays there.
   * @param {number} factor above 1: nearer
   * @param {number} x CSS pixels from the middle
   * @param {number} y
   */
  scale(factor, x = 0, y = 0) {
    const zoom = Math.min(Math.max(this.zoom * factor, ZOOMS.least), ZOOMS.most);
    const real = zoom / this.zoom;
    this.zoom = zoom;
    this.shift(x * (1 - real) + this.right * (real - 1), y * (1 - real) + this.down * (real - 1));
  }

  /**
   * Shifts the picture, not so far that it gets lost.
   * @param {number} right CSS pixels
   * @param {number} down
   */
  shift(right, down) {
    const reach = Math.max(this.zoom - 1, 0) / 2;
    /**
     * @param {number} value
     * @param {number} most
     */
    const clamp = (value, most) => Math.min(Math.max(value, -most), most);
    this.right = clamp(this.right + right, reach * this.width);
    this.down = clamp(this.down + down, reach * this.height);
  }

  /** Sines and cosines, size and middle: the last two the same for every azimuth, so that turning does not pulsate. */
  #view() {
    const [se, ce] = [Math.sin(this.elevation), Math.cos(this.elevation)];
    /**
     * The height at which a point is seen, in units of the box.
     * @param {number} away
     * @param {number} w
     */
    const seen = (away, w) => ((away * se + w * ce) * AWAY) / (AWAY + away * ce - w * se);
    const [top, bottom] = [seen(Math.SQRT2, TALL / 2), seen(-Math.SQRT2, FLOOR)];
    const across = (2 * Math.SQRT2 * AWAY) / (AWAY - (TALL / 2) * se);
    const [width, height] = [this.width - MARGIN.side, this.height - MARGIN.top - MARGIN.bottom];
    const size = Math.max(Math.min(width / across, height / (top - bottom)), SMALLEST) * this.zoom;
    const middle = (this.height + MARGIN.top - MARGIN.bottom + size * (top + bottom)) / 2;
    return { sa: Math.sin(this.azimuth), ca: Math.cos(this.azimuth), se, ce, size, middle };
  }

  /**
   * Sees points.
   * @template {Points} Seen
   * @param {Points} points u, v, w of each point
   * @param {Seen} seen takes x, y in CSS pixels and the nearness of each point
   * @returns {Seen} the same
   */
  project(points, seen) {
    const { sa, ca, se, ce, size, middle } = this.#view();
    const [x0, y0] = [this.width / 2 + this.right, middle + this.down];
    for (let k = 0; k < points.length; k += 3) {
      const [u, v, w] = [points[k], points[k + 1], points[k + 2]];
      const away = u * sa + v * ca;
      const near = 1 / (AWAY + away * ce - w * se);
      seen[k] = x0 + (u * ca - v * sa) * size * AWAY * near;
      seen[k + 1] = y0 - (away * se + w * ce) * size * AWAY * near;
      seen[k + 2] = near;
    }
    return seen;
  }

  /**
   * How much light falls on each normal, as a number of shades.
   * @param {Float32Array} normals three numbers each, of unit length
   * @param {Float32Array} shades takes 0 to SHADES - 1
   */
  light(normals, shades) {
    const [sa, ca] = [Math.sin(this.azimuth), Math.cos(this.azimuth)];
    const [lu, lv] = [LIGHT[0] * ca + LIGHT[1] * sa, -LIGHT[0] * sa + LIGHT[1] * ca];
    for (let k = 0, j = 0; k < normals.length; k += 3, j += 1) {
      const bright = normals[k] * lu + normals[k + 1] * lv + normals[k + 2] * LIGHT[2];
      shades[j] = Math.min(Math.max(bright, 0), 1) * (SHADES - 1);
    }
  }
}
