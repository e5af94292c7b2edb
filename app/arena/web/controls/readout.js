// The legend that is a table too: what each contender stands at, at this step. A click on a name hides it everywhere.

import { number } from "../shared/format.js";
import { valueAt } from "../shared/scene.js";

const SVG = "http://www.w3.org/2000/svg";

/** Column heads and the channel of each; the first that any contender has of a list. */
const COLUMNS = [
  ["Loss", ["validation_loss", "loss"]],
  ["D", ["D"]],
  ["Step size", ["effective_step"]],
  ["L∞ from the start", ["distance"]],
];

/** One row a contender. */
export class Readout {
  /**
   * @param {HTMLElement} element that it fills
   * @param {(index: number) => boolean} hidden
   * @param {(index: number) => void} toggle
   */
  constructor(element, hidden, toggle) {
    this.element = element;
    this.hidden = hidden;
    this.toggle = toggle;
  }

  setScene(scene) {
    this.scene = scene;
    this.columns = COLUMNS.map(([head, names]) => [head, names.find((name) => scene.contenders.some((c) => c.channels[name]))])
      .filter(([, name]) => name)
      .map(([head, name]) => [name === "validation_loss" ? "Validation loss" : head, name]);
    const table = make("table", { className: "readout" });
    const head = table.createTHead().insertRow();
    for (const text of ["Contender", ...this.columns.map(([title]) => title)]) {
      head.append(make("th", { scope: "col", textContent: text }));
    }
    const body = table.createTBody();
    this.rows = scene.contenders.map((contender) => this.#row(body.insertRow(), contender));
    this.element.replaceChildren(table);
    this.repaint();
  }

  #row(row, contender) {
    const button = make("button", { type: "button", title: `Hide or show ${contender.label}` });
    button.append(swatch(contender), make("span", { textContent: contender.label }));
    button.addEventListener("click", () => this.toggle(contender.index));
    row.insertCell().append(button);
    const cells = this.columns.map(() => row.insertCell().appendChild(document.createTextNode("")));
    return { row, button, cells };
  }

  repaint() {
    this.rows?.forEach(({ row, button }, index) => {
      const hidden = this.hidden(index);
      button.setAttribute("aria-pressed", String(!hidden));
      row.toggleAttribute("data-hidden", hidden);
    });
  }

  draw(step) {
    this.rows.forEach(({ cells }, index) => {
      this.columns.forEach(([, name], column) => {
        const value = valueAt(this.scene.contenders[index], name, step);
        cells[column].data = value === undefined ? "–" : number(value);
      });
    });
  }
}

/** A short line in the contender's colour and dash, or in that of one of its lines. */
export function swatch(contender, dash = contender.dash, width = 3) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 26 8");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "line");
  const attributes = { x1: 0, y1: 4, x2: 26, y2: 4, stroke: contender.colour, "stroke-width": width };
  for (const [name, value] of Object.entries(attributes)) line.setAttribute(name, value);
  line.setAttribute("stroke-dasharray", dash.join(" "));
  svg.append(line);
  return svg;
}

function make(tag, properties) {
  return Object.assign(document.createElement(tag), properties);
}
