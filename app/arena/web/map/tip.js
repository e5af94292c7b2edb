// What is at a point of a map, in words beside it: the point, its height, landmarks, and the nearest entries of paths.

import { add } from "../shared/dom.js";
import { count, number, rough } from "../shared/format.js";
import { heightAt } from "../shared/ground.js";
import { valueAt } from "../shared/scene.js";

/**
 * @import { Point, SceneMap, XY } from "../shared/types.d.ts"
 * @import { Path } from "./path.js"
 * @import { Viewport } from "./viewport.js"
 */

/**
 * An entry of a path near a pixel: its own pixel, and how far the two are apart.
 * @typedef {XY & { away: number, k: number, path: Path }} Near
 */

const NEAR = 8; // pixels from an entry that count as pointing at it
const MOST = 3; // entries, each of another path
const APART = 14; // pixels between the pointer and the tooltip
const EDGE = 2; // pixels between the tooltip and the edge of the element

/** The tooltip of a map, and the dot on the entry that it names first. */
export class MapTip {
  #viewport;
  #dot;
  #tip;

  /**
   * @param {HTMLElement} element of the map
   * @param {HTMLElement} plot as large as the viewport's box
   * @param {Viewport} viewport
   */
  constructor(element, plot, viewport) {
    this.#viewport = viewport;
    this.#dot = add(plot, "div", "map-dot");
    this.#tip = add(element, "div", "map-tip");
    this.hide();
  }

  hide() {
    this.#tip.hidden = this.#dot.hidden = true;
  }

  /**
   * @param {XY} at the pixel
   * @param {SceneMap} map
   * @param {number} lowest height of its ground
   * @param {Path[]} paths that are seen
   * @param {XY | null} exact the point where it is known; it is then read out too
   */
  show(at, map, lowest, paths, exact = null) {
    const { x, y } = exact ?? this.#viewport.unproject(at);
    const tip = this.#tip;
    tip.hidden = false;
    tip.setAttribute("aria-live", exact ? "polite" : "off");
    tip.replaceChildren();
    const [nameX, nameY] = [map.x.label === "x" ? "x " : "", map.y.label === "y" ? "y " : ""];
    add(tip, "div", "", {}, `${nameX}${x}, ${nameY}${y}`.replaceAll("-", "−"));
    if (map.grid) add(tip, "div", "map-quiet", {}, loss(map, heightAt(map.grid, x, y), lowest));
    this.#landmarks(map, at);
    const entries = paths.map((path) => nearest(path, at)).filter((entry) => entry !== null);
    entries.sort((a, b) => a.away - b.away);
    for (const entry of entries.slice(0, MOST)) describe(tip, entry);
    this.#dot.hidden = !entries.length;
    if (entries.length) {
      const { left, top } = this.#viewport.box;
      this.#dot.style.transform = `translate(${entries[0].x - left}px, ${entries[0].y - top}px)`;
    }
    const size = { width: tip.offsetWidth, height: tip.offsetHeight };
    const { x: right, y: down } = beside(at, size, this.#viewport);
    tip.style.transform = `translate(${right}px, ${down}px)`;
  }

  /**
   * @param {SceneMap} map
   * @param {XY} at
   */
  #landmarks(map, at) {
    /** @type {[string, Point][]} */
    const marks = map.minimisers.map((point) => ["★ minimiser", point]);
    if (map.start) marks.push(["○ start", map.start]);
    for (const [name, point] of marks) {
      const { x, y } = this.#viewport.project(...point);
      if (Math.hypot(x - at.x, y - at.y) > NEAR) continue;
      add(this.#tip, "div", "", {}, `${name} (${point.map(number).join(", ")})`);
    }
  }
}

/**
 * The upper left corner of a tooltip beside a pointer, on the side with room, and never over the edge.
 * @param {XY} at pixels in the element
 * @param {{width: number, height: number}} size of the tooltip
 * @param {{width: number, height: number}} room of the element
 * @returns {XY}
 */
export function beside(at, size, room) {
  const left = at.x + APART + size.width > room.width ? at.x - APART - size.width : at.x + APART;
  const top = at.y + APART + size.height > room.height ? at.y - APART - size.height : at.y + APART;
  const right = Math.min(Math.max(left, EDGE), room.width - size.width - EDGE);
  return { x: Math.round(right), y: Math.round(Math.max(top, EDGE)) };
}

/**
 * The height at a point as the loss that it stands for.
 * @param {SceneMap} map
 * @param {number} height
 * @param {number} lowest
 */
function loss({ logarithmic, measure }, height, lowest) {
  if (!Number.isFinite(height)) return "no loss here";
  if (!logarithmic) return `${measure} ≈ ${number(height)}`;
  const sign = height <= lowest ? "≤" : "≈"; // heights are cut off at the lowest level
  return `${measure} ${sign} ${rough(10 ** height)}`;
}

/**
 * The entry of a path that is nearest to a pixel, if any is near.
 * @param {Path} path
 * @param {XY} at
 * @returns {Near | null}
 */
function nearest(path, at) {
  /** @type {Near | null} */
  let best = null;
  for (let k = 0; k <= path.last; k++) {
    const { x, y } = path.at(k);
    const away = Math.hypot(x - at.x, y - at.y);
    if (away < (best?.away ?? NEAR)) best = { away, x, y, k, path };
  }
  return best;
}

/**
 * @param {HTMLElement} tip
 * @param {Near} entry
 */
function describe(tip, { k, path }) {
  const { contender, axis, xs, ys } = path;
  const block = add(tip, "div", "map-entry");
  const head = add(block, "div");
  add(head, "span", "map-swatch").style.background = contender.colour;
  add(head, "span", "map-name", {}, contender.label);
  add(head, "span", "map-quiet", {}, `step ${count(axis[k])}`);
  add(block, "div", "", {}, `(${number(xs[k])}, ${number(ys[k])})`);
  const value = valueAt(contender, "loss", axis[k]);
  if (value !== undefined) add(block, "div", "", {}, `loss ${number(value)}`);
}
