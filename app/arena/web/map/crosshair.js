// The crosshair of a map: what a keyboard points with.

import { icon } from "../shared/buttons.js";
import { make } from "../curves/panel.js";
import { span } from "./viewport.js";

const STRIDE = { near: 0.01, far: 0.1 }; // of the view, for one key
const LINES = "M12.5 1v8M12.5 16v8M1 12.5h8M16 12.5h8M9 12.5a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0";

export class Crosshair {
  #viewport;
  #node;

  /** @param {HTMLElement} plot as large as the viewport's box */
  constructor(plot, viewport) {
    this.#viewport = viewport;
    this.#node = make("div", "map-cross", plot);
    this.#node.append(icon(LINES, 25));
    this.set(null);
  }

  get hidden() {
    return !this.at;
  }

  /** In the element's pixels; null where there is no crosshair. */
  get pixel() {
    return this.at && this.#viewport.project(this.at.x, this.at.y);
  }

  /** @param {{x: number, y: number} | null} at a point of the plane; null: away with it */
  set(at) {
    this.at = at;
    this.place();
  }

  /** To where its point now lies. */
  place() {
    const { left, top } = this.#viewport.box;
    this.#node.hidden = this.hidden;
    if (this.at) this.#node.style.transform = `translate(${this.pixel.x - left}px, ${this.pixel.y - top}px)`;
  }

  /** Goes one stride, from the start at first, and stays in view. */
  step(right, up, far, start) {
    const { x, y } = this.#viewport;
    const stride = far ? STRIDE.far : STRIDE.near;
    const from = this.at ?? (start ? { x: start[0], y: start[1] } : { x: (x[0] + x[1]) / 2, y: (y[0] + y[1]) / 2 });
    const go = (value, way, range) => Math.min(Math.max(value + way * stride * span(range), range[0]), range[1]);
    this.set(this.#viewport.rounded(go(from.x, right, x), go(from.y, up, y)));
  }
}
