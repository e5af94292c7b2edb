// One contender's path on a map, in pixels: as a line, whole or up to its head.

import { pathOf, place } from "../shared/scene.js";
import { cross, disc } from "../shared/marks.js";
import { addSegment } from "./clip.js";

/**
 * @import { Contender, XY } from "../shared/types.d.ts"
 * @import { Edges } from "./clip.js"
 * @import { Viewport } from "./viewport.js"
 */

/**
 * The place of a path at a step: its pixel, the last entry so far, and whether the run broke off here.
 * @typedef {XY & { i: number, over: boolean, contender: Contender }} Head
 */

const LINE = 2.25; // pixels
const CASING = 2.75; // pixels wider than the line
const FAINT = 0.28; // opacity of a whole path
const SAME = 0.6; // pixels: an entry nearer than this to the one before adds nothing to see
const BEYOND = 400; // pixels outside of the plot up to which lines are drawn

/** A path where a viewport puts it; another view, another path. */
export class Path {
  last = -1; // the last entry that can be drawn
  axis = new Float32Array();
  xs = new Float32Array();
  ys = new Float32Array();
  #viewport;
  /** @type {{ x: number[], y: number[], entry: number[] }} without the entries that fall onto the one before */
  #points = { x: [], y: [], entry: [] };
  /** @type {Edges} */
  #far;

  /**
   * @param {Contender} contender
   * @param {[x: string, y: string]} names of the two channels
   * @param {Viewport} viewport
   */
  constructor(contender, names, viewport) {
    this.contender = contender;
    this.#viewport = viewport;
    const { left, top, width, height } = viewport.box;
    this.#far = { left: left - BEYOND, right: left + width + BEYOND, top: top - BEYOND, bottom: top + height + BEYOND };
    Object.assign(this, pathOf(contender, names));
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

  /**
   * The pixel of an entry.
   * @param {number} k
   */
  at(k) {
    return this.#viewport.project(this.xs[k], this.ys[k]);
  }

  /**
   * The path's place at a step; null where it has none.
   * @param {number} step
   * @returns {Head | null}
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

  /**
   * Draws the whole path, faint; or the part of it up to a head.
   * @param {CanvasRenderingContext2D} context
   * @param {string} background
   * @param {Head | null} head
   */
  draw(context, background, head = null) {
    const { x: xs, y: ys, entry } = this.#points;
    const until = head ? head.i : Infinity;
    const alpha = head ? 1 : FAINT;
    const { colour, dash } = this.contender;
    let [x, y] = [NaN, NaN];
    /**
     * @param {number} nextX
     * @param {number} nextY
     */
    const to = (nextX, nextY) => {
      addSegment(context, x, y, nextX, nextY, this.#far);
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

/**
 * Draws the mark at the head of a path.
 * @param {CanvasRenderingContext2D} context
 * @param {Head} head
 * @param {string} background
 */
export function drawHead(context, head, background) {
  (head.over ? cross : disc)(context, head, { colour: head.contender.colour, casing: background });
}
