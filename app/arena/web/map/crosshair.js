// The crosshair of a map, with which a keyboard points.

import { icon } from "../shared/buttons.js";
import { add } from "../shared/dom.js";
import { span } from "./viewport.js";

/**
 * @import { Point, Range, XY } from "../shared/types.d.ts"
 * @import { Viewport } from "./viewport.js"
 */

const STRIDE = { near: 0.01, far: 0.1 }; // of the view, for one key
const LINES = "M12.5 1v8M12.5 16v8M1 12.5h8M16 12.5h8M9 12.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0";

export class Crosshair {
  /** @type {XY | null} a point of the plane; null where there is no crosshair */
  at = null;
  #viewport;
  #element;

  /**
   * @param {HTMLElement} plot as large as the viewport's box
   * @param {Viewport} viewport
   */
  constructor(plot, viewport) {
    this.#viewport = viewport;
    this.#element = add(plot, "div", "map-cross", {}, icon(LINES, 25));
    this.set(null);
  }

  /** The map's pixel under the crosshair; null where there is none. */
  get pixel() {
    return this.at && this.#viewport.project(this.at.x, this.at.y);
  }

  /** @param {XY | null} at a point of the plane; null: away with it */
  set(at) {
    this.at = at;
    this.place();
  }

  /** Moves the element to where its point now lies. */
  place() {
    const { left, top } = this.#viewport.box;
    const { pixel } = this;
    this.#element.hidden = !pixel;
    if (pixel) this.#element.style.transform = `translate(${pixel.x - left}px, ${pixel.y - top}px)`;
  }

  /**
   * Goes one stride and stays in view; at first from the start.
   * @param {number} right
   * @param {number} up
   * @param {boolean} far
   * @param {Point | null} start
   */
  step(right, up, far, start) {
    const { x, y } = this.#viewport;
    const stride = far ? STRIDE.far : STRIDE.near;
    const from = this.at ?? (start ? { x: start[0], y: start[1] } : { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 });
    /**
     * @param {number} value
     * @param {number} way
     * @param {Range} range
     */
    const go = (value, way, range) => Math.min(Math.max(value + way * stride * span(range), range[0]), range[1]);
    this.set(this.#viewport.rounded(go(from.x, right, x), go(from.y, up, y)));
  }
}
