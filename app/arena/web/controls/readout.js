// The legend that is a table too: the numbers of each contender at this step. A click on a name hides it everywhere.

import { add, make } from "../shared/dom.js";
import { NOTHING, number } from "../shared/format.js";
import { rove, stop } from "../shared/roving.js";
import { valueAt } from "../shared/scene.js";
import { swatch } from "../shared/swatch.js";
import { write } from "../shared/words.js";

/** @import { Contender, Scene, Score } from "../shared/types.d.ts" */

/**
 * @typedef {object} Column
 * @property {string} head
 * @property {string} channel
 * @property {string} [help]
 * @property {boolean} [percent]
 */

/** @type {Column[]} */
const COLUMNS = [
  { head: "Validation loss", channel: "validation_loss" },
  { head: "Loss", channel: "loss" },
  { head: "D", channel: "D", help: "The guess of the distance from the start to the solution" },
  { head: "Step size", channel: "effective_step" },
  { head: "L∞ from the start", channel: "distance", help: "The largest of the coordinates' distances from the start" },
];

/** One row a contender. */
export class Readout {
  #element;
  #hidden;
  #toggle;
  /** @type {Contender[]} */
  #contenders = [];
  /** @type {Column[]} */
  #columns = [];
  /** @type {{ row: HTMLTableRowElement, button: HTMLButtonElement, cells: Text[] }[]} */
  #rows = [];

  /**
   * @param {HTMLElement} element filled by this class
   * @param {(index: number) => boolean} hidden
   * @param {(index: number) => void} toggle
   */
  constructor(element, hidden, toggle) {
    this.#element = element;
    this.#hidden = hidden;
    this.#toggle = toggle;
    rove(element, () => this.#rows.map(({ button }) => button));
  }

  /** @param {Scene} scene */
  setScene({ contenders, score }) {
    const focused = this.#rows.findIndex(({ button }) => button === document.activeElement);
    this.#contenders = contenders;
    this.#columns = columnsOf(contenders, score);
    const table = make("table", "readout");
    const head = table.createTHead().insertRow();
    head.append(make("th", "", { scope: "col" }, "Contender"));
    for (const { head: words, help = "" } of this.#columns) head.append(make("th", "", { scope: "col", title: help }, words));
    const body = table.createTBody();
    this.#rows = contenders.map((contender) => this.#row(body.insertRow(), contender));
    this.#element.replaceChildren(table);
    if (score?.note) add(this.#element, "p", "readout-note", {}, score.note);
    const buttons = this.#rows.map(({ button }) => button);
    stop(buttons, buttons[Math.max(0, focused)]);
    buttons[focused]?.focus();
    this.repaint();
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {Contender} contender
   */
  #row(row, contender) {
    const { label, index } = contender;
    const attributes = { type: "button", title: `Hide or show ${label}` };
    const button = make("button", "", attributes, swatch(contender));
    write(add(button, "span"), label);
    button.addEventListener("click", () => this.#toggle(index));
    row.insertCell().append(button);
    const cells = this.#columns.map(() => row.insertCell().appendChild(document.createTextNode("")));
    return { row, button, cells };
  }

  repaint() {
    this.#rows.forEach(({ row, button }, index) => {
      const hidden = this.#hidden(index);
      button.setAttribute("aria-pressed", String(!hidden));
      row.toggleAttribute("data-hidden", hidden);
    });
  }

  /** @param {number} step */
  draw(step) {
    this.#rows.forEach(({ cells }, index) => {
      this.#columns.forEach(({ channel, percent }, column) => {
        const value = valueAt(this.#contenders[index], channel, step);
        const known = value !== undefined && Number.isFinite(value);
        cells[column].data = percent && known ? `${(100 * value).toFixed(1)} %` : value === undefined ? NOTHING : number(value);
      });
    });
  }
}

/**
 * The columns that any contender has a channel for, a model's score first; the loss of the validation takes the place of the
 * loss.
 * @param {Contender[]} contenders
 * @param {Score} [score]
 */
export function columnsOf(contenders, score) {
  const scores = score ? [{ head: score.name, channel: score.channel, percent: score.percent }] : [];
  const there = [...scores, ...COLUMNS].filter(({ channel }) => contenders.some(({ channels }) => channels[channel]));
  const validated = there.some(({ channel }) => channel === "validation_loss");
  return there.filter(({ channel }) => channel !== "loss" || !validated);
}
