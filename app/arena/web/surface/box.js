// The box around a surface: its edges at the back, its ticks and their numbers.

import { FLOOR, TALL } from "./camera.js";
import { number } from "../shared/format.js";
import { stroke } from "./trail.js";

/** The box behind the ground, and ticks with numbers along those of its edges that nothing covers. */
export class Axes {
  constructor(context, camera, map, { mesh, low, high }, theme) {
    Object.assign(this, { context, camera, map, mesh, theme, heights: ticks(low, high, 4) });
    this.up = (value) => ((value - low) / (high - low || 1) - 0.5) * TALL;
    const corners = [
      [-1, -1],
      [1, -1],
      [1, 1],
      [-1, 1],
    ];
    this.front = corners.reduce((a, b) => (this.#spot(...a, FLOOR)[2] > this.#spot(...b, FLOOR)[2] ? a : b));
    context.font = `12px ${theme.font}`;
    context.fillStyle = theme.muted;
  }

  /** Thin lines behind the ground: the edges at the back, and the heights of the ticks. */
  box() {
    const [u, v] = this.front;
    for (const w of [...this.heights.map(this.up), TALL / 2]) {
      this.#bar(this.theme.grid, this.#spot(-u, v, w), this.#spot(-u, -v, w), this.#spot(u, -v, w));
    }
    for (const [a, b] of [
      [-u, v],
      [-u, -v],
      [u, -v],
    ]) {
      this.#bar(this.theme.grid, this.#spot(a, b, FLOOR), this.#spot(a, b, TALL / 2));
    }
  }

  ticks() {
    const { map, mesh, theme } = this;
    const [u, v] = this.front;
    this.#edge(map.x.label, mesh.x, (part, out, w) => this.#spot(part, v * (1 + out), w));
    this.#edge(map.y.label, mesh.y, (part, out, w) => this.#spot(u * (1 + out), part, w));
    const left = [
      [-u, v],
      [u, -v],
    ].reduce((a, b) => (this.#spot(...a, 0)[0] < this.#spot(...b, 0)[0] ? a : b));
    const tall = this.#spot(...left, FLOOR)[1] - this.#spot(...left, TALL / 2)[1];
    const every = Math.ceil((16 * this.heights.length) / Math.max(tall, 1));
    for (const value of tall < 30 ? [] : this.heights.filter((_, k) => k % every === 0)) {
      // none from high above
      const [x, y] = this.#spot(...left, this.up(value));
      this.#bar(theme.muted, [x - 4, y], [x, y]);
      this.#text(number(value).replace(/^-/, "−"), x - 7, y, "right");
    }
    this.#text(`height: ${map.logarithmic ? `log₁₀(${map.measure})` : map.measure}`, 4, 12, "left");
  }

  /** Ticks and the name along an edge; `out` leads away from the block, `w` up. */
  #edge(label, range, edge) {
    const [[x0, y0], [x1, y1]] = [edge(0, 0, FLOOR), edge(0, 0.1, FLOOR)];
    const far = Math.hypot(x1 - x0, y1 - y0) || 1;
    const [dx, dy] = [(x1 - x0) / far, (y1 - y0) / far];
    // From high above, the nearer top of the block hangs over its floor.
    const [x2, y2] = edge(0, 0, TALL / 2);
    const at = (part) => edge(part, 0, (x2 - x0) * dx + (y2 - y0) * dy > 0 ? TALL / 2 : FLOOR);
    const [from, to, middle] = [at(-1), at(1), at(0)];
    const length = Math.hypot(to[0] - from[0], to[1] - from[1]);
    if (length < 60) return; // seen from its end
    const align = dx < -0.35 ? "right" : dx > 0.35 ? "left" : "center";
    for (const value of ticks(...range, Math.min(5, length / 45))) {
      const [x, y] = at((2 * (value - range[0])) / (range[1] - range[0]) - 1);
      this.#bar(this.theme.muted, [x, y], [x + 4 * dx, y + 4 * dy]);
      this.#text(number(value).replace(/^-/, "−"), x + 8 * dx, y + 12 * dy, align);
    }
    this.#text(label, middle[0] + 36 * dx, middle[1] + 36 * dy, align);
  }

  #spot(u, v, w) {
    return this.camera.project([u, v, w], [0, 0, 0]);
  }

  #bar(colour, ...spots) {
    this.context.beginPath();
    for (const [x, y] of spots) this.context.lineTo(x, y);
    stroke(this.context, colour, 1, 1, []);
  }

  /** Words that stay on the canvas; those of a point that is off it are left out. */
  #text(words, x, y, align) {
    const { context, camera } = this;
    if (x < 0 || y < 0 || x > camera.width || y > camera.height) return;
    const wide = context.measureText(words).width;
    const left = x - { left: 0, center: wide / 2, right: wide }[align];
    context.textBaseline = "middle";
    const place = [Math.min(Math.max(left, 2), camera.width - wide - 2), Math.min(Math.max(y, 8), camera.height - 7)];
    context.strokeStyle = this.theme.background;
    context.lineWidth = 3;
    context.strokeText(words, ...place);
    context.fillText(words, ...place);
  }
}

/** Round numbers from low to high, about so many. */
function ticks(low, high, count) {
  if (!(high > low)) return Number.isFinite(low) ? [low] : [];
  const rough = (high - low) / Math.max(count, 1);
  const decade = 10 ** Math.floor(Math.log10(rough));
  const step = decade * [1, 2, 5, 10].find((factor) => factor * decade >= rough * 0.85);
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, k) => Number(((first + k) * step).toPrecision(12)));
}
