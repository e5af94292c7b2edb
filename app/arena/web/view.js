// What a person sees of a scene, as a link carries it: short, since only what differs from the usual is written, and read
// field by field, since a link may carry anything.

import { SPEEDS } from "./controls/player.js";
import { rounded, span } from "./map/viewport.js";

/** @import { Ranges } from "./map/viewport.js" */
/** @import { Look } from "./surface/camera.js" */

/** @typedef {"race" | "inside" | "steps"} Tab */
/** @typedef {"map" | "surface"} Ground */

/**
 * @typedef {object} View
 * @property {Tab} tab
 * @property {number | null} step null: the end
 * @property {boolean} arrows
 * @property {Ground} ground
 * @property {Ranges | null} zoom the part of the map; null: all of it
 * @property {Look | null} camera null: where it stands at first
 * @property {number[]} hidden indices of contenders, ascending
 * @property {number} speed
 */

/** @type {Readonly<View>} */
export const USUAL = Object.freeze({
  tab: "race",
  step: null,
  arrows: false,
  ground: "map",
  zoom: null,
  camera: null,
  hidden: [],
  speed: 1,
});

const PARTS = 1000; // of a zoomed map, finer than which no end of it need be known
const FAR = 1e9; // a larger coordinate is none of a map's
const TABS = /** @type {const} */ (["race", "inside", "steps"]);

/**
 * @param {View} view
 * @returns {Record<string, unknown>} what differs from the usual
 */
export function encode({ tab, step, arrows, ground, zoom, camera, hidden, speed }) {
  return {
    ...(tab !== USUAL.tab && { tab }),
    ...(step !== null && { step: Math.floor(step) }),
    ...(arrows && { arrows: 1 }),
    ...(ground !== USUAL.ground && { ground }),
    ...(zoom && { zoom: [zoom.x, zoom.y].flatMap((range) => range.map((end) => rounded(end, span(range) / PARTS))) }),
    ...(camera && { camera: camera.map((value) => rounded(value, 1e-3)) }),
    ...(hidden.length && { hidden }),
    ...(speed !== USUAL.speed && { speed }),
  };
}

/**
 * Reads a view; a field that is not what it should be is passed over, the others stay.
 * @param {unknown} json
 * @returns {View}
 */
export function decode(json) {
  const given = /** @type {Record<string, unknown>} */ (typeof json === "object" && json && !Array.isArray(json) ? json : {});
  const zoom = numbers(given.zoom, 4);
  const camera = numbers(given.camera, 5);
  const step = Number.isInteger(given.step) ? Number(given.step) : -1;
  const hidden = Array.isArray(given.hidden) ? given.hidden : [];
  return {
    tab: TABS.find((tab) => tab === given.tab) ?? USUAL.tab,
    step: step >= 0 ? step : null,
    arrows: given.arrows === 1 || given.arrows === true,
    ground: given.ground === "surface" ? "surface" : "map",
    zoom: zoom && zoom[0] < zoom[1] && zoom[2] < zoom[3] ? { x: [zoom[0], zoom[1]], y: [zoom[2], zoom[3]] } : null,
    camera: /** @type {Look | null} */ (camera),
    hidden: [...new Set(hidden)].filter((index) => Number.isInteger(index) && index >= 0).sort((a, b) => a - b),
    speed: SPEEDS.find((speed) => speed === given.speed) ?? USUAL.speed,
  };
}

const ECHO = 3000; // milliseconds in which a view that was sent comes back

/** What both sides said last, so that neither a view that was sent nor an older one under way comes back as an order. */
export class Exchange {
  #last = "{}"; // sent or received
  /** @type {{ text: string, at: number }[]} sent, and not yet seen again */
  #sent = [];

  /**
   * @param {unknown} json what Python says; null: nothing
   * @returns {View | null} to be shown; null where it is known already
   */
  receive(json) {
    if (json === null || json === undefined) return null;
    const view = decode(json);
    const text = JSON.stringify(encode(view));
    this.#sent = this.#sent.filter(({ at }) => performance.now() - at < ECHO);
    const place = this.#sent.findIndex((sent) => sent.text === text);
    if (place >= 0) this.#sent.splice(0, place + 1);
    else if (text !== this.#last && !this.#sent.length) {
      this.#last = text;
      return view;
    }
    return null;
  }

  /**
   * @param {View} view
   * @returns {Record<string, unknown> | null} to be sent; null where it was the last
   */
  send(view) {
    const json = encode(view);
    const text = JSON.stringify(json);
    if (text === this.#last) return null;
    this.#last = text;
    this.#sent.push({ text, at: performance.now() });
    return json;
  }
}

/**
 * Whoever is hidden stays so: at another place where somebody left, under another label where a hyperparameter changed.
 * @param {Set<string>} hidden labels
 * @param {{ label: string }[]} before the contenders
 * @param {{ label: string }[]} now
 */
export function renamed(hidden, before, now) {
  if (before.length !== now.length) return hidden;
  return new Set(now.filter((_, index) => hidden.has(before[index].label)).map(({ label }) => label));
}

/**
 * So many numbers that a picture can have; null where they are none.
 * @param {unknown} value
 * @param {number} count
 * @returns {number[] | null}
 */
function numbers(value, count) {
  if (!Array.isArray(value) || value.length !== count) return null;
  return value.every((each) => typeof each === "number" && Math.abs(each) <= FAR) ? value : null;
}
