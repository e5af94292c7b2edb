// The legend that is a table too: the numbers of each contender at this step. A click on a name hides it everywhere.

import { make } from "../shared/dom.js";
import { NOTHING, number } from "../shared/format.js";
import { valueAt } from "../shared/scene.js";
import { swatch } from "../shared/swatch.js";

/** @import { Contender, Scene } from "../shared/types.d.ts" */

/** @typedef {{ head: string, channel: string }} Column */

/** @type {Column[]} */
const COLUMNS = [
  { head: "Validation loss", channel: "validation_loss" },
  { head: "Loss", channel: "loss" },
  { head: "D", channel: "D" },
  { head: "Step size", channel: "effective_step" },
  { head: "L∞ from the start", channel: "distance" },
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
  }

  /** @param {Scene} scene */
  setScene({ contenders }) {
    this.#contenders = contenders;
    this.#columns = columnsOf(contenders);
    const table = make("table", "readout");
    const head = table.createTHead().insertRow();
    for (const words of ["Contender", ...this.#columns.map((column) => column.head)]) {
      head.append(make("th", "", { scope: "col" }, words));
    }
    const body = table.createTBody();
    this.#rows = contenders.map((contender) => this.#row(body.insertRow(), contender));
    this.#element.replaceChildren(table);
    this.repaint();
  }

  /**
   * @param {HTMLTableRowElement} row
   * @param {Contender} contender
   */
  #row(row, contender) {
    const { label, index } = contender;
    const attributes = { type: "button", title: `Hide or show ${label}` };
    const button = make("button", "", attributes, swatch(contender), make("span", "", {}, label));
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
      this.#columns.forEach(({ channel }, column) => {
        const value = valueAt(this.#contenders[index], channel, step);
        cells[column].data = value === undefined ? NOTHING : number(value);
      });
    });
  }
}

/**
 * The columns that any contender has a channel for; the loss of the validation takes the place of the loss.
 * @param {Contender[]} contenders
 */
export function columnsOf(contenders) {
  const there = COLUMNS.filter(({ channel }) => contenders.some(({ channels }) => channels[channel]));
  const validated = there.some(({ channel }) => channel === "validation_loss");
  return there.filter(({ channel }) => channel !== "loss" || !validated);
}
