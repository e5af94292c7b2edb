// One contender's path on a map, in pixels: as a line, whole or up to its head.

import { cross, disc, segment } from "../shared/marks.js";
import { place } from "../shared/scene.js";

const LINE = 2.25;
const CASING = 2.75; // wider than the line
const FAINT = 0.28;
const SAME = 0.6; // pixels: an entry nearer than this to the one before adds nothing to see
const BEYOND = 400; // pixels outside of the plot up to which lines are drawn

/** A path where a viewport puts it; another view, another path. */
export class Path {
  #viewport;
  #points = { x: [], y: [], entry: [] }; // without the entries that fall onto the one before
  #far;

  /** @param {string[]} names of the two channels */
  constructor(contender, names, viewport) {
    const [xs, ys] = names.map((name) => contender.channels[name]);
    this.contender = contender;
    this.#viewport = viewport;
    this.last = -1; // the last entry that can be drawn
    if (!xs || !ys) return;
    const { left, top, width, height } = viewport.box;
    this.#far = { left: left - BEYOND, right: left + width + BEYOND, top: top - BEYOND, bottom: top + height + BEYOND };
    this.axis = contender.axes[xs.axis];
    this.xs = xs.values;
    this.ys = ys.values;
    this.#trace();
  }

  #trace() {
    const points = this.#points;
    for (let k = 0; k < this.axis.length; k++) {
      const { x, y } = this.at(k);
      const finite = Number.isFinite(x) && Number.isFinite(y);
      if (finite) this.last = k;
      const n = points.x.length - 1;
      if (finite && n >= 0 && Math.abs(x - points.x[n]) + Math.abs(y - points.y[n]) < SAME) continue;
      points.x.push(x);
      points.y.push(y);
      points.entry.push(k);
    }
  }

  /** The pixel of an entry. */
  at(k) {
    return this.#viewport.project(this.xs[k], this.ys[k]);
  }

  /**
   * Where the path is at a step.
   * @returns {{x: number, y: number, i: number, over: boolean, contender: object} | null} null: nowhere;
   *   i: the last entry so far; over: it broke off here
   */
  head(step) {
    if (this.last < 0) return null;
    const { i, t } = place(this.axis, step);
    const from = Math.min(i, this.last);
    const [a, b] = [this.at(from), this.at(Math.min(from + 1, this.last))];
    const part = from === i && Number.isFinite(b.x + b.y) ? t : 0;
    const over = this.contender.broken && step >= this.axis[this.last];
    return { x: a.x + part * (b.x - a.x), y: a.y + part * (b.y - a.y), i: from, over, contender: this.contender };
  }

  /** The whole path, faint; or the part of it up to a head. */
  draw(context, background, head = null) {
    const { x: xs, y: ys, entry } = this.#points;
    const until = head ? head.i : Infinity;
    const alpha = head ? 1 : FAINT;
    const { colour, dash } = this.contender;
    let [x, y] = [NaN, NaN];
    const to = (nextX, nextY) => {
      segment(context, x, y, nextX, nextY, this.#far);
      [x, y] = [nextX, nextY];
    };
    context.beginPath();
    for (let k = 0; k < xs.length && entry[k] <= until; k++) to(xs[k], ys[k]);
    if (head) to(head.x, head.y);
    context.lineJoin = "round";
    context.lineCap = "round";
    context.setLineDash([]);
    context.globalAlpha = 0.85 * alpha;
    context.strokeStyle = background;
    context.lineWidth = LINE + CASING;
    context.stroke();
    context.globalAlpha = alpha;
    context.strokeStyle = colour;
    context.lineWidth = LINE;
    context.lineCap = dash.length ? "butt" : "round";
    context.setLineDash(dash);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
  }
}

/** The mark at the head of a path. */
export function drawHead(context, head, background) {
  (head.over ? cross : disc)(context, head, head.contender.colour, background);
}
