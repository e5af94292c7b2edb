// The step taken apart: the lines of the algorithm with the numbers of the step that the scrub stands at, and why D
// rose or did not. Python says what the lines are.

import { add, make, setText } from "../shared/dom.js";
import { count, number } from "../shared/format.js";
import { place } from "../shared/scene.js";
import { swatch } from "../shared/swatch.js";
import { write } from "../shared/words.js";
import { pair, reader } from "./expression.js";
import { holesOf, inHole, longest, withHoles, written } from "./template.js";
import { change, why } from "./why.js";

/**
 * @import { Algorithm, AlgorithmLine, App, Contender, Part, Scene } from "../shared/types.d.ts"
 * @import { Hole } from "./template.js"
 */

/** @typedef {{ contender: Contender, algorithm: Algorithm }} Choice whose step is shown */

/**
 * A line of the algorithm as elements.
 * @typedef {object} Row
 * @property {AlgorithmLine} line
 * @property {HTMLElement} value what it was and what it became
 * @property {HTMLElement} difference which way it went, and how far
 * @property {HTMLElement} numbers the formula with numbers
 * @property {(Hole & { node: Text })[]} holes of the numbers
 */

/**
 * The step that is shown: its first entry, if there is a step, and whether the run goes no further.
 * @typedef {{ first: number | undefined, over: boolean }} Standing
 */

const PAUSE = 66; // milliseconds between two fillings: nobody reads faster

/**
 * The step taken apart, of one contender at a time.
 * @implements {Part}
 */
export class Steps {
  step = 0;
  filled = -Infinity; // milliseconds, when the numbers were last written
  #app;
  /** @type {Scene | null} */
  #scene = null;
  #chosen = 0; // the index of the contender whose step is wanted
  /** @type {Choice | null} */
  #choice = null;
  #offered = ""; // the buttons that there are
  #built = ""; // the algorithm whose lines there are
  /** @type {Row[]} */
  #rows = [];
  /** @type {Standing | null} */
  #shown = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #later;

  /**
   * @param {HTMLElement} element
   * @param {App} app
   */
  constructor(element, app) {
    this.#app = app;
    const root = add(element, "section", "steps-root", { "aria-label": "The step taken apart" });
    this.buttons = add(root, "div", "steps-choice", { role: "group", "aria-label": "Whose step" });
    const head = add(root, "div", "steps-head");
    this.title = add(head, "h2", "steps-title");
    this.note = add(head, "span", "steps-note");
    this.why = add(root, "p", "steps-why");
    const attributes = { tabindex: 0, role: "region", "aria-label": "The step, line by line" };
    this.lines = add(root, "div", "steps-lines", attributes);
  }

  /**
   * @param {Scene} scene
   * @param {boolean} fresh
   */
  setScene(scene, fresh) {
    this.#scene = scene;
    if (fresh) this.#chosen = 0;
    this.repaint();
  }

  /** Keeps as much room for every line's numbers as long ones take, so that nothing moves while one scrubs. */
  resize() {
    if (!this.lines.clientWidth || !this.#choice || !this.#rows.length) return;
    const read = reader(this.#choice.contender, this.#choice.algorithm, 0);
    for (const { numbers, holes } of this.#rows) {
      numbers.style.minHeight = "";
      for (const hole of holes) hole.node.data = longest(hole, read(hole.name));
    }
    const heights = this.#rows.map(({ numbers }) => numbers.offsetHeight);
    this.#rows.forEach(({ numbers }, row) => (numbers.style.minHeight = `${heights[row]}px`));
    this.#fill();
  }

  repaint() {
    if (!this.#scene) return;
    const { contenders, algorithm: algorithms } = this.#scene;
    const seen = contenders.filter(({ index }) => algorithms[index] && !this.#app.hidden(index));
    const contender = seen.find(({ index }) => index === this.#chosen) ?? seen[0];
    this.#offer(seen, contender);
    this.#choice = contender ? { contender, algorithm: algorithms[contender.index] } : null;
    const built = JSON.stringify(this.#choice?.algorithm ?? null);
    const another = built !== this.#built;
    this.#built = built;
    this.why.style.borderLeftColor = contender?.colour ?? "";
    if (another) {
      this.#build();
      this.resize();
    }
    this.#fill();
  }

  /** @param {number} step */
  draw(step) {
    this.step = step;
    const { first, over } = this.#standing();
    if (first === this.#shown?.first && over === this.#shown?.over && first !== undefined) return;
    const wait = this.filled + PAUSE - performance.now();
    if (wait <= 0) this.#fill();
    else this.#later ??= setTimeout(() => this.#fill(), wait);
  }

  /**
   * The buttons that choose whose step it is. One that has the focus keeps it.
   * @param {Contender[]} contenders
   * @param {Contender | undefined} chosen
   */
  #offer(contenders, chosen) {
    const offered = contenders.map(({ index, label, colour }) => `${index} ${label} ${colour}`).join("\n");
    if (offered !== this.#offered) this.buttons.replaceChildren(...contenders.map((each) => this.#button(each)));
    this.#offered = offered;
    [...this.buttons.children].forEach((button, k) => {
      button.setAttribute("aria-pressed", String(contenders[k] === chosen));
    });
    this.buttons.hidden = contenders.length < 2;
  }

  /** @param {Contender} contender */
  #button(contender) {
    const { index, label } = contender;
    const name = make("span", "", {}, label);
    const button = make("button", "steps-button", { type: "button", title: label }, swatch(contender), name);
    button.addEventListener("click", () => {
      this.#chosen = index;
      this.repaint();
    });
    return button;
  }

  /** Builds the lines without their numbers. */
  #build() {
    this.#rows = [];
    const { groups = [], settings = "" } = this.#choice?.algorithm ?? {};
    const elements = groups.flatMap(({ title, lines }) => {
      const list = make("ol", "steps-list", {}, ...lines.map((line) => this.#row(line)));
      return [make("h3", "", {}, title), list];
    });
    const foot = make("p", "steps-settings");
    foot.innerHTML = settings; // written in our own Python, as all formulas are
    this.lines.replaceChildren(...elements, foot);
  }

  /** @param {AlgorithmLine} line */
  #row(line) {
    const item = make("li", line.marked ? "steps-line steps-marked" : "steps-line");
    const [value, difference] = [make("span", "steps-value"), make("span", "steps-change")];
    add(item, "div", "steps-name", {}, make("span", "", {}, line.name), value, difference);
    add(item, "div", "steps-formula").innerHTML = line.formula;
    const numbers = make("div", "steps-numbers");
    numbers.innerHTML = withHoles(line.numbers);
    const elements = numbers.querySelectorAll("[data-name]");
    const nodes = Array.from(elements, (element) => element.appendChild(document.createTextNode("")));
    const holes = holesOf(line.numbers).map((hole, k) => ({ ...hole, node: nodes[k] }));
    if (line.numbers) item.append(numbers);
    this.#rows.push({ line, value, difference, numbers, holes });
    return item;
  }

  /** @returns {Standing} */
  #standing() {
    const axis = this.#axis();
    return { first: pair(axis, this.step), over: axis.length > 1 && this.step >= axis[axis.length - 1] };
  }

  /** @returns {ArrayLike<number>} the steps of the run that is shown */
  #axis() {
    return this.#choice?.contender.axes.steps ?? [];
  }

  /** Writes the numbers of the step. */
  #fill() {
    clearTimeout(this.#later);
    this.#later = undefined;
    this.filled = performance.now();
    const { first, over } = (this.#shown = this.#standing());
    const axis = this.#axis();
    const choice = this.#choice;
    const at = axis.length ? axis[place(axis, this.step).i] : 0;
    setText(this.title, first === undefined ? `Step ${count(at)}` : `Step ${count(axis[first])} → ${count(axis[first + 1])}`);
    setText(this.note, over && choice ? choice.contender.ending : "");
    const taken = choice && first !== undefined;
    const read = taken ? reader(choice.contender, choice.algorithm, first) : () => undefined;
    const reason = taken ? why(choice.algorithm, read) : this.#nothing(axis);
    if (this.why.textContent !== reason) write(this.why, reason);
    for (const { line, value, difference, numbers, holes } of this.#rows) {
      const before = line.old === null ? undefined : read(line.old);
      const after = line.new === null ? undefined : read(line.new);
      const both = typeof before === "number" && typeof after === "number";
      setText(value, both ? `${number(before)} → ${number(after)}` : written(after));
      setText(difference, both ? moved(before, after) : "");
      const values = holes.map(({ name }) => read(name));
      numbers.style.visibility = values.includes(undefined) ? "hidden" : "";
      holes.forEach((hole, k) => (hole.node.data = inHole(hole, values[k])));
    }
  }

  /**
   * Why there is no step to be shown.
   * @param {ArrayLike<number>} axis
   */
  #nothing(axis) {
    if (!this.#choice) return "All contenders are hidden.";
    if (axis.length < 2) return "No step was taken yet.";
    return "Of so long a run only some steps are kept, and the one that begins here is not. Move on a little.";
  }
}

/**
 * Which way a number went, and how far.
 * @param {number} before
 * @param {number} after
 */
export function moved(before, after) {
  if (before === after) return "=";
  return Number.isFinite(after - before) ? `${after > before ? "↑" : "↓"} ${change(before, after)}` : "";
}
