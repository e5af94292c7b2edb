// When a view is told to Python: a moment after the last change, while nothing plays and no hand is down.

/** @import { View } from "./view.js" */

import { Exchange } from "./view.js";

const CALM = 600; // milliseconds without a change

/** Listens to whatever a hand does in the document, and compares what is seen with what was told last. */
export class Memory {
  exchange = new Exchange();
  #see;
  #busy;
  #tell;
  #held = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {() => View} see what is seen now
   * @param {() => boolean} busy whether it is about to change
   * @param {(view: object) => void} tell
   */
  constructor(see, busy, tell) {
    this.#see = see;
    this.#busy = busy;
    this.#tell = tell;
    const listen = { capture: true, passive: true };
    document.addEventListener("pointerdown", () => (this.#held = true), listen);
    for (const event of ["pointerup", "pointercancel"]) document.addEventListener(event, () => (this.#held = false), listen);
    for (const event of ["pointerup", "pointercancel", "click", "dblclick", "keyup", "wheel", "input", "change"]) {
      document.addEventListener(event, () => this.note(), listen);
    }
  }

  /** Something may have changed. */
  note() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#held || this.#busy()) return this.note();
      const json = this.exchange.send(this.#see());
      if (json) this.#tell(json);
    }, CALM);
  }
}
