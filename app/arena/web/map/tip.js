// What is at a point of a map, in words beside it: the point, its height, landmarks, and the nearest entries of paths.

import { number, rough } from "../shared/format.js";
import { heightAt } from "../shared/ground.js";
import { make } from "../curves/panel.js";
import { valueAt } from "../shared/scene.js";

const NEAR = 8; // pixels from an entry that count as pointing at it
const MOST = 3; // entries, each of another path
const APART = 14; // pixels from the pointer

/** The tooltip of a map, and the dot on the entry that it names first. */
export class MapTip {
  #viewport;

  constructor(element, plot, viewport) {
    this.#viewport = viewport;
    this.dot = make("div", "map-dot", plot);
    this.tip = make("div", "map-tip", element);
    this.hide();
  }

  get hidden() {
    return this.tip.hidden;
  }

  hide() {
    this.tip.hidden = this.dot.hidden = true;
  }

  /**
   * @param {{x: number, y: number}} at the pixel
   * @param {{map: object, lowest: number, paths: object[]}} what is there: the scene's map, the lowest height of its
   *   ground, and the paths that are seen
   * @param {{x: number, y: number} | null} exact the point where it is known; it is then read out too
   */
  show(at, { map, lowest, paths }, exact = null) {
    const { x, y } = exact ?? this.#viewport.unproject(at);
    this.tip.hidden = false;
    this.tip.setAttribute("aria-live", exact ? "polite" : "off");
    this.tip.replaceChildren();
    const [namedX, namedY] = [map.x.label === "x" ? "x " : "", map.y.label === "y" ? "y " : ""];
    line(this.tip, `${namedX}${x}, ${namedY}${y}`.replaceAll("-", "−"));
    if (map.grid) line(this.tip, loss(map, heightAt(map.grid, x, y), lowest), "map-quiet");
    this.#landmarks(map, at);
    const entries = paths.map((path) => nearest(path, at)).filter(Boolean);
    entries.sort((a, b) => a.away - b.away);
    for (const entry of entries.slice(0, MOST)) describe(this.tip, entry);
    this.dot.hidden = !entries.length;
    if (entries.length) {
      const { left, top } = this.#viewport.box;
      this.dot.style.transform = `translate(${entries[0].x - left}px, ${entries[0].y - top}px)`;
    }
    this.#place(at);
  }

  #landmarks(map, at) {
    const marks = (map.minimisers ?? []).map((where) => ["★ minimiser", where]);
    if (map.start) marks.push(["○ start", map.start]);
    for (const [name, where] of marks) {
      const { x, y } = this.#viewport.project(...where);
      if (Math.hypot(x - at.x, y - at.y) <= NEAR) line(this.tip, `${name} (${where.map(number).join(", ")})`);
    }
  }

  /** Beside the pointer, on the side with room, and never over the edge. */
  #place(at) {
    const { width, height } = this.#viewport;
    const { offsetWidth, offsetHeight } = this.tip;
    const left = at.x + APART + offsetWidth > width ? at.x - APART - offsetWidth : at.x + APART;
    const top = at.y + APART + offsetHeight > height ? at.y - APART - offsetHeight : at.y + APART;
    const [across, down] = [Math.min(Math.max(left, 2), width - offsetWidth - 2), Math.max(top, 2)];
    this.tip.style.transform = `translate(${Math.round(across)}px, ${Math.round(down)}px)`;
  }
}

/** The height at a point as what is measured there. */
function loss({ logarithmic, measure }, height, lowest) {
  if (!Number.isFinite(height)) return "no loss here";
  if (!logarithmic) return `${measure} ≈ ${number(height)}`;
  const sign = height <= lowest ? "≤" : "≈"; // heights are cut off at the lowest level
  return `${measure} ${sign} ${rough(10 ** height)}`;
}

/** The entry of a path that is nearest to a pixel, if any is near. */
function nearest(path, at) {
  let best = { away: NEAR };
  for (let k = 0; k <= path.last; k++) {
    const { x, y } = path.at(k);
    const away = Math.hypot(x - at.x, y - at.y);
    if (away < best.away) best = { away, x, y, k, path };
  }
  return best.path ? best : null;
}

function describe(tip, { k, path }) {
  const { contender } = path;
  const block = make("div", "map-entry", tip);
  const head = make("div", "", block);
  make("span", "map-swatch", head).style.background = contender.colour;
  make("span", "map-name", head).textContent = contender.label;
  make("span", "map-quiet", head).textContent = `step ${path.axis[k].toLocaleString("en")}`;
  line(block, `(${number(path.xs[k])}, ${number(path.ys[k])})`);
  const found = valueAt(contender, "loss", path.axis[k]);
  if (found !== undefined) line(block, `loss ${number(found)}`);
}

function line(parent, text, name = "") {
  make("div", name, parent).textContent = text;
}
