// The part of the plane that a map shows, and where in the map's element its points lie.

const CLOSEST = 2e-5; // of the whole view: closer, float32 would show as stairs
const FARTHEST = 40;

/** Ranges of two axes over a box of pixels: all there is, or what a person chose of it. */
export class Viewport {
  #margin;
  #home = { x: [0, 1], y: [0, 1] };
  #chosen = null;

  /** @param {{left: number, right: number, top: number, bottom: number}} margin pixels around the plot */
  constructor(margin) {
    this.#margin = margin;
    this.resize(0, 0);
  }

  /** Pixels of the whole element. */
  resize(width, height) {
    const { left, right, top, bottom } = this.#margin;
    Object.assign(this, { width, height });
    this.box = { left, top, width: Math.max(width - left - right, 1), height: Math.max(height - top - bottom, 1) };
  }

  /** Where `reset` comes back to; a part that was chosen stays. */
  setHome(ranges) {
    this.#home = ranges;
  }

  get x() {
    return (this.#chosen ?? this.#home).x;
  }

  get y() {
    return (this.#chosen ?? this.#home).y;
  }

  get zoomed() {
    return this.#chosen !== null;
  }

  reset() {
    this.#chosen = null;
  }

  /** @param {{x: number, y: number} | null} at what stays where it is, in pixels; null: the middle */
  zoom(factor, at = null) {
    const { left, top, width, height } = this.box;
    const [u, v] = at ? [(at.x - left) / width, 1 - (at.y - top) / height] : [0.5, 0.5];
    const now = span(this.x) / span(this.#home.x);
    const by = Math.min(Math.max(now / factor, CLOSEST), FARTHEST) / now;
    this.#chosen = { x: closer(this.x, u, by), y: closer(this.y, v, by) };
  }

  /** Drags the plane along by pixels. */
  pan(right, down) {
    const [dx, dy] = [(right / this.box.width) * span(this.x), (down / this.box.height) * span(this.y)];
    this.#chosen = { x: this.x.map((end) => end - dx), y: this.y.map((end) => end + dy) };
  }

  /** The pixel of a point. */
  project(x, y) {
    const { left, top, width, height } = this.box;
    const [across, up] = [this.x, this.y];
    return { x: left + ((x - across[0]) / span(across)) * width, y: top + ((up[1] - y) / span(up)) * height };
  }

  /** The point of a pixel. */
  unproject(at) {
    const { left, top, width, height } = this.box;
    const x = this.x[0] + ((at.x - left) / width) * span(this.x);
    const y = this.y[1] - ((at.y - top) / height) * span(this.y);
    return this.rounded(x, y);
  }

  /** A point with no more digits than a pixel tells apart. */
  rounded(x, y) {
    return { x: rounded(x, span(this.x) / 500), y: rounded(y, span(this.y) / 500) };
  }

  /** Whether a pixel lies in the plot. */
  holds({ x, y }) {
    const { left, top, width, height } = this.box;
    return x >= left - 1 && x <= left + width + 1 && y >= top - 1 && y <= top + height + 1;
  }
}

export function span([low, high]) {
  return high - low;
}

/** A range, narrower by a factor around the part u of it. */
function closer(range, u, by) {
  const at = range[0] + u * span(range);
  return range.map((end) => at + (end - at) * by);
}

/** To a decimal unit near `unit`, without the noise of floating point. */
function rounded(value, unit) {
  const digits = Math.round(-Math.log10(unit));
  if (digits >= 0) return Number(value.toFixed(Math.min(digits, 100))) || 0;
  return Math.round(value / 10 ** -digits) * 10 ** -digits || 0;
}
