// One knob under the landscape: its name, its slider or switch or choice, and its value.

import { add, make, setText } from "../shared/dom.js";

/** @import { Knob, Offer } from "../shared/types.d.ts" */

/**
 * A value that a hand is at; `rest`: it has let go.
 * @typedef {{ event: "knob", contender: number, knob: string, index: number, rest: boolean }} Turn
 */

/** @typedef {{ turn: (turn: Turn) => void, pin: (offer: Offer) => void }} Acts */

const REST = 300; // milliseconds after a key in which another one may follow
const STALE = 2000; // milliseconds after a turn in which a scene with another value is one from before

/** The row's elements, and the value that the hand wants. */
export class KnobRow {
  root = make("div", "knob");
  /** Whether a pointer holds the slider. */
  held = false;
  #acts;
  #knob;
  #index; // of the value that is shown
  /** @type {number | null} when the hand last turned it, in milliseconds; null once a scene has the value */
  #turned = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} until the keys count as let go */
  #rest;
  #choices;
  /** @type {HTMLSelectElement | null} */
  #select = null;
  /** @type {(() => void)} brings the control in line with the index */
  #show;

  /**
   * @param {Knob} knob
   * @param {Offer[]} choices that may stand in its place, itself among them; none where there is no choice
   * @param {Element | null} swatch of the contender
   * @param {string} colour
   * @param {Acts} acts
   */
  constructor(knob, choices, swatch, colour, acts) {
    this.#acts = acts;
    this.#knob = knob;
    this.#index = knob.at;
    this.#choices = choices;
    this.root.style.setProperty("--accent", colour);
    this.root.dataset.knob = knob.name;
    const name = add(this.root, "span", "knob-name", { title: knob.help }, ...(swatch ? [swatch] : []));
    add(name, "b", "", {}, knob.name);
    if (choices.length) this.#select = this.#offer(name);
    this.#show = { slider: () => this.#slider(), switch: () => this.#switch(), choice: () => this.#words() }[knob.kind]();
  }

  /** Whether a hand is on it, or has just let go of its keys. */
  get turning() {
    return this.held || this.#rest !== undefined;
  }

  /**
   * Takes the knob of a new scene; while the hand is ahead of the scenes, the hand counts.
   * @param {Knob} knob
   * @param {string[]} labels of the contenders
   */
  take(knob, labels) {
    this.#knob = knob;
    const answered = knob.at === this.#index;
    const late = this.#turned !== null && performance.now() - this.#turned > STALE;
    if (answered || late) this.#turned = null;
    if (this.#turned === null && !this.turning) this.#index = knob.at;
    this.#show();
    this.#label(labels);
  }

  /**
   * @param {number} index
   * @param {boolean} rest
   */
  #turn(index, rest) {
    this.#index = index;
    this.#turned = performance.now();
    this.#show();
    const { contender, name } = this.#knob;
    this.#acts.turn({ event: "knob", contender, knob: name, index, rest });
  }

  /** The value as it is shown: exactly, where it is the scene's. */
  get #text() {
    const { at, text, texts } = this.#knob;
    return this.#turned === null && at === this.#index ? text : texts[this.#index];
  }

  /** A slider with a mark at the default, and the value. */
  #slider() {
    const { name, texts, usual } = this.#knob;
    const last = texts.length - 1;
    const track = add(this.root, "span", "knob-track");
    const slider = add(track, "input", "", { type: "range", min: 0, max: last, step: 1, "aria-label": name });
    const mark = add(track, "i", "knob-usual", { title: `Default: ${texts[usual]}` });
    mark.style.setProperty("--at", String(usual / Math.max(1, last)));
    const value = add(this.root, "span", "knob-value", { "aria-hidden": "true" });
    let moved = false; // since the pointer came down
    slider.addEventListener("pointerdown", () => {
      this.held = true;
      moved = false;
    });
    const release = () => {
      if (!this.held) return;
      this.held = false;
      if (moved) this.#turn(Number(slider.value), true);
    };
    for (const event of ["pointerup", "pointercancel"]) window.addEventListener(event, release);
    slider.addEventListener("input", () => {
      moved = true;
      this.#turn(Number(slider.value), false);
      if (!this.held) this.#restSoon();
    });
    slider.addEventListener("keyup", () => this.#rest !== undefined && this.#restSoon());
    return () => {
      slider.value = String(this.#index);
      slider.style.setProperty("--done", `${(100 * this.#index) / Math.max(1, last)}%`);
      slider.setAttribute("aria-valuetext", this.#text);
      setText(value, this.#text);
    };
  }

  #restSoon() {
    clearTimeout(this.#rest);
    this.#rest = setTimeout(() => {
      this.#rest = undefined;
      this.#turn(this.#index, true);
    }, REST);
  }

  #switch() {
    const attributes = { type: "button", role: "switch", "aria-label": this.#knob.name };
    const button = add(this.root, "button", "knob-switch", attributes);
    const value = add(this.root, "span", "knob-value", { "aria-hidden": "true" });
    button.addEventListener("click", () => this.#turn(1 - this.#index, true));
    return () => {
      button.setAttribute("aria-checked", String(this.#index === 1));
      setText(value, this.#text);
    };
  }

  #words() {
    const { name, texts } = this.#knob;
    const options = texts.map((text, index) => make("option", "", { value: index }, text));
    const select = add(this.root, "select", "", { "aria-label": name }, ...options);
    select.addEventListener("change", () => this.#turn(Number(select.value), true));
    return () => {
      select.value = String(this.#index);
    };
  }

  /**
   * The choice of another knob; it lies unseen over the name.
   * @param {HTMLElement} name
   */
  #offer(name) {
    name.classList.add("knob-choice");
    const own = keyOf(this.#knob);
    const select = add(name, "select", "", { "aria-label": `The knob here is ${this.#knob.name}; choose another` });
    select.addEventListener("change", () => {
      const offer = this.#choices.find((one) => keyOf(one) === select.value);
      select.value = own; // until a scene puts another there
      if (offer) this.#acts.pin(offer);
    });
    return select;
  }

  /**
   * Writes the choices under the contenders' names, which a turn may change.
   * @param {string[]} labels
   */
  #label(labels) {
    const select = this.#select;
    if (!select || select.dataset.labels === labels.join("\n")) return;
    select.dataset.labels = labels.join("\n");
    const own = keyOf(this.#knob);
    const groups = labels.map((label, index) => {
      const offers = this.#choices.filter(({ contender }) => contender === index);
      const options = offers.map((offer) => make("option", "", { value: keyOf(offer), title: offer.text }, offer.name));
      return make("optgroup", "", { label }, ...options);
    });
    select.replaceChildren(...groups.filter((group) => group.childElementCount));
    select.value = own;
  }
}

/**
 * What tells knobs apart.
 * @param {Knob | Offer} knob
 */
export function keyOf({ contender, name }) {
  return `${contender} ${name}`;
}
