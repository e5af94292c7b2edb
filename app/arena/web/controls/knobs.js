// The knobs that stand under the landscape. A thumb follows the hand at once; what follows from it comes with a scene.

import { swatch } from "../shared/swatch.js";
import { KnobRow, keyOf } from "./knob.js";
import { Outbox } from "./outbox.js";

/**
 * @import { Contender, Knob, Knobs as Spec, Scene } from "../shared/types.d.ts"
 * @import { Turn } from "./knob.js"
 */

/** @typedef {{ event: "pin", slot: number, contender: number, knob: string }} Pin another knob for a place */

/** One row a knob. Its elements outlive a scene, since a hand may be on them. */
export class Knobs {
  #root;
  #tell;
  /** @type {Outbox<Turn>} */
  #outbox;
  /** @type {KnobRow[]} */
  #rows = [];
  #made = ""; // what the rows are made for

  /**
   * @param {HTMLElement} root filled by this class
   * @param {(choice: Turn | Pin) => void} tell
   */
  constructor(root, tell) {
    this.#root = root;
    this.#tell = tell;
    this.#outbox = new Outbox(/** @type {(turn: Turn) => void} */ (tell));
  }

  /** Whether a hand holds a knob, or a turn is not yet answered. */
  get busy() {
    return this.#outbox.busy || this.#rows.some((row) => row.turning);
  }

  /** @param {Scene} scene */
  setScene({ knobs, contenders, reference }) {
    this.#root.hidden = !knobs?.shown.length;
    if (!knobs) return;
    const made = signature(knobs, contenders);
    if (made !== this.#made && !this.#rows.some((row) => row.held)) {
      this.#made = made;
      this.#rows = knobs.shown.map((knob, slot) => this.#row(knob, slot, knobs, contenders[knob.contender], reference));
      this.#root.replaceChildren(...this.#rows.map((row) => row.root));
    }
    const labels = contenders.map(({ label }) => label);
    this.#rows.forEach((row, slot) => row.take(knobs.shown[slot], labels));
    this.#outbox.answer((key, { index }) => knobs.shown.some((knob) => keyOf(knob) === key && knob.at === index));
  }

  /**
   * @param {Knob} knob
   * @param {number} slot
   * @param {Spec} knobs
   * @param {Contender | undefined} contender
   * @param {string} reference the colour of what is no contender's
   */
  #row(knob, slot, { shown, offered }, contender, reference) {
    const taken = new Set(shown.map(keyOf));
    const choices = offered.filter((offer) => !taken.has(keyOf(offer)) || keyOf(offer) === keyOf(knob));
    return new KnobRow(knob, choices, contender ? swatch(contender) : null, contender?.colour ?? reference, {
      turn: (turn) => this.#outbox.post(keyOf(knob), turn),
      pin: (offer) => this.#tell({ event: "pin", slot, contender: offer.contender, knob: offer.name }),
    });
  }
}

/**
 * Whatever the elements of knobs show that a turn does not change: under one signature they may stay.
 * @param {Spec} knobs
 * @param {Contender[]} contenders
 */
export function signature({ shown, offered }, contenders) {
  const rows = shown.map(({ contender, name, kind, texts, usual }) => [contender, name, kind, texts, usual]);
  const styles = shown.map(({ contender }) => [contenders[contender]?.colour, contenders[contender]?.dash]);
  return JSON.stringify([rows, styles, offered.map(keyOf)]);
}
