// What is under the pointer on a surface: the nearest entry of a path.

import { add } from "../shared/dom.js";
import { count, number } from "../shared/format.js";
import { valueAt } from "../shared/scene.js";
import { SEEN } from "./trail.js";

/**
 * @import { SceneMap, XY } from "../shared/types.d.ts"
 * @import { Laid, Track } from "./trail.js"
 */

/** @typedef {{ track: Track, laid: Laid }} Trail a path, and how it is seen */

const REACH = 10; // pixels from the pointer to an entry

/** The tooltip of a surface. */
export class SurfaceTip {
  #element;

  /** @param {HTMLElement} parent */
  constructor(parent) {
    this.#element = add(parent, "div", "surface-tip");
    this.hide();
  }

  hide() {
    this.#element.hidden = true;
  }

  /**
   * Tells of the entry that is nearest to a pixel, if any is near.
   * @param {XY} at
   * @param {SceneMap} map
   * @param {Trail[]} trails
   * @param {number} room pixels of the parent's width
   */
  show(at, map, trails, room) {
    const tip = this.#element;
    const near = nearest(at, trails);
    tip.hidden = !near;
    if (!near) return;
    const { contender, axis } = near.track;
    /** @param {string} name */
    const value = (name) => number(contender.channels[name]?.values[near.entry]);
    const loss = number(valueAt(contender, "loss", axis[near.entry]));
    const [first, second] = map.path.map(value);
    tip.replaceChildren();
    const sample = add(tip, "i");
    sample.style.borderTopColor = contender.colour;
    sample.style.borderTopStyle = contender.dash.length ? "dashed" : "solid";
    add(tip, "b", "", {}, contender.label);
    add(tip, "div", "", {}, `step ${count(axis[near.entry])}, loss ${loss}`);
    add(tip, "div", "", {}, `${map.x.label} ${first}, ${map.y.label} ${second}`);
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${Math.min(Math.max(at.x - width / 2, 0), room - width)}px`;
    tip.style.top = `${at.y > height + 14 ? at.y - height - 12 : at.y + 16}px`;
  }
}

/**
 * The entry that is nearest to a pixel among those in sight.
 * @param {XY} at
 * @param {Trail[]} trails
 */
export function nearest({ x, y }, trails) {
  let best = REACH * REACH; // squared pixels
  /** @type {{ track: Track, entry: number } | null} */
  let near = null;
  for (const { track, laid } of trails) {
    const { seen, sight, entries } = laid;
    for (let k = 0; k < sight.length; k += 1) {
      if (sight[k] !== SEEN || entries[k] % 1) continue;
      const away = (seen[3 * k] - x) ** 2 + (seen[3 * k + 1] - y) ** 2;
      if (away >= best) continue;
      best = away;
      near = { track, entry: entries[k] };
    }
  }
  return near;
}
