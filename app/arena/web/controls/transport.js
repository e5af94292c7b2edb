// The bar that plays, pauses and scrubs, and the keys that do the same.

import { icon } from "../shared/buttons.js";
import { byId, make } from "../shared/dom.js";
import { count } from "../shared/format.js";
import { rove, stop } from "../shared/roving.js";
import { place } from "../shared/scene.js";
import { SPEEDS } from "./player.js";

/**
 * @import { Scene } from "../shared/types.d.ts"
 * @import { Player } from "./player.js"
 */

/** @typedef {"first" | "back" | "play" | "forth" | "last"} Act each has a button of that id */

/** @type {Act[]} */
const ACTS = ["first", "back", "play", "forth", "last"];

const ICONS = {
  first: "M2 2h2v12H2zM14 2v12L5 8z",
  back: "M11 2v12L3 8zM12 2h2v12h-2z",
  play: "M3 1.5v13L14 8z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forth: "M5 2v12l8-6zM2 2h2v12H2z",
  last: "M12 2h2v12h-2zM2 2v12l9-6z",
};

/** @type {Record<string, Act | undefined>} */
const KEYS = { " ": "play", ",": "back", ".": "forth", Home: "first", End: "last" };

/** Buttons, slider, speed and keyboard of a player. */
export class Transport {
  #player;
  /** @type {ArrayLike<number>} the steps of the run with the most entries */
  #axis = [0];
  #buttons = /** @type {Record<Act, HTMLButtonElement>} */ (Object.fromEntries(ACTS.map((act) => [act, byId(act)])));
  #slider = /** @type {HTMLInputElement} */ (byId("scrub"));
  #speed = /** @type {HTMLSelectElement} */ (byId("speed"));
  #at = byId("at");
  /** @type {Record<Act, () => void>} */
  #acts;

  /** @param {Player} player */
  constructor(player) {
    this.#player = player;
    for (const act of ACTS) if (act !== "play") this.#buttons[act].append(icon(ICONS[act], 16));
    for (const speed of SPEEDS) {
      const option = { value: speed, selected: speed === player.speed };
      this.#speed.append(make("option", "", option, `${speed}×`));
    }
    this.#acts = {
      first: () => player.seek(0),
      back: () => player.seek(previous(this.#axis, player.step)),
      play: () => player.toggle(),
      forth: () => player.seek(next(this.#axis, player.step)),
      last: () => player.seek(player.last),
    };
    for (const act of ACTS) this.#buttons[act].addEventListener("click", this.#acts[act]);
    this.#slider.addEventListener("input", () => player.seek(Number(this.#slider.value)));
    this.#speed.addEventListener("change", () => player.setSpeed(Number(this.#speed.value)));
    const strides = [...byId("strides").querySelectorAll("button")];
    rove(byId("strides"), () => strides);
    stop(strides, strides[1]);
    player.onChange(() => this.#changed());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#changed();
  }

  /** @param {Scene} scene */
  setScene({ contenders, last }) {
    // The run with the most entries: where runs were thinned, one step on is its next entry.
    /** @type {ArrayLike<number>} */
    const none = [0];
    const axes = contenders.map((contender) => contender.axes.steps);
    this.#axis = axes.reduce((longest, axis) => (axis.length > longest.length ? axis : longest), none);
    this.#slider.max = String(last);
    for (const control of [...Object.values(this.#buttons), this.#slider]) control.disabled = !last;
  }

  /** @param {number} step */
  draw(step) {
    const { last } = this.#player;
    const whole = Math.floor(step);
    this.#slider.value = String(whole);
    this.#slider.style.setProperty("--done", `${last ? (100 * whole) / last : 0}%`);
    const words = `step ${count(whole)} of ${count(last)}`;
    if (this.#at.textContent === words) return;
    this.#at.textContent = words;
    this.#slider.setAttribute("aria-valuetext", words);
  }

  #changed() {
    const { playing, speed } = this.#player;
    const { play } = this.#buttons;
    play.replaceChildren(icon(ICONS[playing ? "pause" : "play"], 16));
    play.setAttribute("aria-label", playing ? "Pause" : "Play");
    this.#speed.value = String(speed);
  }

  /** @param {KeyboardEvent} event */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const act = KEYS[event.key];
    if (!act || this.#buttons[act].disabled) return;
    const { target } = event;
    // A button is pressed by the space bar itself, and a map has keys of its own; on the slider it plays.
    if (event.key === " " && target instanceof Element && target.closest("button, select, [role=application]")) return;
    const range = target instanceof HTMLInputElement && target.type === "range";
    if (range && target !== this.#slider && event.key.length > 1) return; // Home and End are another slider's own
    event.preventDefault();
    this.#acts[act]();
  }
}

/**
 * The entry after a step; the last one stays.
 * @param {ArrayLike<number>} axis
 * @param {number} step
 */
export function next(axis, step) {
  return axis[Math.min(place(axis, step).i + 1, axis.length - 1)];
}

/**
 * The entry before a step; the first one stays.
 * @param {ArrayLike<number>} axis
 * @param {number} step
 */
export function previous(axis, step) {
  const { i, t } = place(axis, step);
  return axis[Math.max(t ? i : i - 1, 0)];
}
