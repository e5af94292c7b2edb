// The step taken apart: the lines of the algorithm with the numbers of the step that the scrub stands at, and why D
// rose or did not. What the lines are comes from Python; the few operations that they may name stand here.

import { count, number } from "../shared/format.js";
import { swatch } from "../controls/readout.js";
import { place } from "../shared/scene.js";
import { change, why } from "./why.js";
import { write } from "../shared/words.js";

const PAUSE = 66; // milliseconds between two fillings: nobody reads faster
/** The room that numbers take. */
const LONG = { rate: "0.8888", t: "888", scalar: "8.888e-88", vector: "(-0.00888, -8.888e-88)" };

const OPERATIONS = {
  sum: (a, b) => a + b,
  product: (a, b) => a * b,
  quotient: (a, b) => a / b,
  root: Math.sqrt,
  rest: (base, power) => -Math.expm1(power * Math.log(base)), // 1 - base^power
};

const OF_VECTORS = {
  first: ([a]) => a,
  second: ([, b]) => b,
  shorten: (most, vector) => vector.map((part) => part * Math.min(1, most / (Math.hypot(...vector) || most))),
};

/** The value of an expression of Python's: a number, a name that `read` knows, or [operation, ...expressions]. */
export function evaluate(expression, read) {
  if (typeof expression === "number") return expression;
  if (typeof expression === "string") return read(expression);
  const parts = expression.slice(1).map((part) => evaluate(part, read));
  if (parts.some((part) => part === undefined)) return undefined;
  const whole = OF_VECTORS[expression[0]];
  if (whole) return whole(...parts);
  const operation = OPERATIONS[expression[0]];
  if (!parts.some(Array.isArray)) return operation(...parts);
  return [0, 1].map((axis) => operation(...parts.map((part) => (Array.isArray(part) ? part[axis] : part))));
}

/** A function of a name: the number or the pair of numbers at entry `i`; with a + behind the name, at the next. */
export function reader(contender, algorithm, i) {
  const at = (name, entry) => contender.channels[name]?.values[entry];
  const read = (given) => {
    const after = given.endsWith("+");
    const [name, entry] = after ? [given.slice(0, -1), i + 1] : [given, i];
    if (name === "t") return contender.axes.steps[i] + 1;
    if (name in algorithm.derived) return evaluate(algorithm.derived[name], read);
    const pair = algorithm.vectors[name]?.map((channel) => at(channel, entry));
    if (!pair) return at(name, entry);
    return pair.includes(undefined) ? undefined : pair;
  };
  return read;
}

/**
 * Which two neighbouring entries are the step that stands at `step`.
 * @returns {number | undefined} the first of them; undefined where no step was taken, or a long run did not keep both
 */
export function pair(axis, step) {
  const { i } = place(axis, step);
  return [i, i - 1].find((entry) => axis[entry + 1] === axis[entry] + 1);
}

/** The step taken apart, of one contender at a time. */
export class Steps {
  constructor(element, app) {
    this.app = app;
    this.choice = make("div", "steps-choice", { role: "group", "aria-label": "Whose step" });
    this.title = make("h2", "steps-title");
    this.note = make("span", "steps-note");
    this.why = make("p", "steps-why");
    this.lines = make("div", "steps-lines", { tabindex: 0, role: "region", "aria-label": "The step, line by line" });
    const head = make("div", "steps-head");
    head.append(this.title, this.note);
    const root = make("section", "steps-root", { "aria-label": "The step taken apart" });
    root.append(this.choice, head, this.why, this.lines);
    element.append(root);
    this.chosen = 0;
    this.step = 0;
    this.filled = -Infinity;
  }

  setScene(scene, fresh) {
    this.scene = scene;
    if (fresh) this.chosen = 0;
    this.repaint();
  }

  /** Keeps as much room for every line's numbers as long ones take, so that nothing moves while one scrubs. */
  resize() {
    if (!this.lines.clientWidth || !this.rows?.length) return;
    const read = reader(this.contender, this.algorithm, 0);
    for (const { numbers, holes } of this.rows) {
      numbers.style.minHeight = "";
      for (const { name, node } of holes) {
        node.data = LONG[name] ?? LONG[Array.isArray(read(name)) ? "vector" : "scalar"];
      }
    }
    const heights = this.rows.map(({ numbers }) => numbers.offsetHeight);
    this.rows.forEach(({ numbers }, row) => (numbers.style.minHeight = `${heights[row]}px`));
    this.#fill();
  }

  repaint() {
    const { contenders, algorithm } = this.scene;
    const offered = contenders.filter(({ index }) => algorithm[index] && !this.app.hidden(index));
    const contender = offered.find(({ index }) => index === this.chosen) ?? offered[0];
    this.#offer(offered, contender);
    this.contender = contender;
    this.algorithm = contender && algorithm[contender.index];
    const built = JSON.stringify([this.algorithm]);
    const other = built !== this.built;
    this.built = built;
    this.why.style.borderLeftColor = contender?.colour ?? "";
    if (other) {
      this.#build();
      this.resize();
    }
    this.#fill();
  }

  draw(step) {
    this.step = step;
    const { first, over } = this.#standing();
    if (first === this.shown?.first && over === this.shown?.over && first !== undefined) return;
    const wait = this.filled + PAUSE - performance.now();
    if (wait <= 0) this.#fill();
    else this.later ??= setTimeout(() => this.#fill(), wait);
  }

  /** The buttons that choose whose step it is. One that has the focus keeps it. */
  #offer(offered, chosen) {
    const labels = offered.map(({ index, label, colour }) => `${index} ${label} ${colour}`).join("\n");
    if (labels !== this.offered) {
      this.choice.replaceChildren(
        ...offered.map((contender) => {
          const button = make("button", "steps-button", { type: "button", title: contender.label });
          button.dataset.index = contender.index;
          button.append(swatch(contender), text("span", contender.label));
          button.addEventListener("click", () => {
            this.chosen = contender.index;
            this.repaint();
          });
          return button;
        }),
      );
    }
    this.offered = labels;
    for (const button of this.choice.children) {
      button.setAttribute("aria-pressed", String(Number(button.dataset.index) === chosen?.index));
    }
    this.choice.hidden = offered.length < 2;
  }

  /** The lines without their numbers. */
  #build() {
    this.rows = [];
    const parts = [];
    for (const { title, lines } of this.algorithm?.groups ?? []) {
      const list = make("ol", "steps-list");
      list.append(...lines.map((line) => this.#row(line)));
      parts.push(text("h3", title), list);
    }
    const settings = make("p", "steps-settings");
    settings.innerHTML = this.algorithm?.settings ?? "";
    this.lines.replaceChildren(...parts, settings);
  }

  #row(line) {
    const item = make("li", line.marked ? "steps-line steps-marked" : "steps-line");
    const [head, formula, numbers] = ["steps-name", "steps-formula", "steps-numbers"].map((name) => make("div", name));
    const [value, moved] = ["steps-value", "steps-change"].map((name) => make("span", name));
    head.append(text("span", line.name), value, moved);
    formula.innerHTML = line.formula;
    numbers.innerHTML = line.numbers.replace(/{(\w+\+?)}/g, '<span data-name="$1"></span>');
    const holes = [...numbers.querySelectorAll("[data-name]")].map((hole) => ({
      name: hole.dataset.name,
      node: hole.appendChild(document.createTextNode("")),
      factor: /[·+] $/.test(hole.previousSibling?.data ?? ""), // a number below 0 stands in brackets there
    }));
    item.append(head, formula, ...(line.numbers ? [numbers] : []));
    this.rows.push({ ...line, numbers, value, moved, holes });
    return item;
  }

  /** Which step is taken apart, and whether the run goes no further. */
  #standing() {
    const axis = this.contender?.axes.steps ?? [];
    return { first: pair(axis, this.step), over: axis.length > 1 && this.step >= axis[axis.length - 1] };
  }

  #fill() {
    clearTimeout(this.later);
    this.later = undefined;
    this.filled = performance.now();
    this.shown = this.#standing();
    const { first, over } = this.shown;
    const axis = this.contender?.axes.steps ?? [];
    const taken = first !== undefined;
    const at = axis.length ? axis[place(axis, this.step).i] : 0;
    set(this.title, taken ? `Step ${count(axis[first])} → ${count(axis[first + 1])}` : `Step ${count(at)}`);
    set(this.note, over ? this.contender.ending : "");
    const read = taken ? reader(this.contender, this.algorithm, first) : () => undefined;
    const reason = taken ? why(this.algorithm, read) : this.#nothing(axis);
    if (this.why.textContent !== reason) write(this.why, reason);
    for (const { old, new: now, value, moved, numbers, holes } of this.rows ?? []) {
      const [before, after] = [old && read(old), now && read(now)];
      const scalar = typeof before === "number" && typeof after === "number";
      set(value, scalar ? `${number(before)} → ${number(after)}` : shown(after));
      set(moved, scalar ? sign(before, after) : "");
      const values = holes.map(({ name }) => read(name));
      numbers.style.visibility = values.includes(undefined) ? "hidden" : "";
      for (const [nth, { name, node, factor }] of holes.entries()) {
        const found = values[nth];
        node.data = name === "t" ? count(found) : factor && found < 0 ? `(${shown(found)})` : shown(found);
      }
    }
  }

  #nothing(axis) {
    if (!this.contender) return "All contenders are hidden.";
    if (axis.length < 2) return "No step was taken yet.";
    return "Of so long a run only some steps are kept, and the one that begins here is not. Move on a little.";
  }
}

function shown(value) {
  if (Array.isArray(value)) return `(${value.map(number).join(", ")})`;
  return value === undefined || value === null ? "" : number(value);
}

/** Which way a number went, and how far. */
function sign(before, after) {
  if (before === after) return "=";
  return Number.isFinite(after - before) ? `${after > before ? "↑" : "↓"} ${change(before, after)}` : "";
}

function make(tag, name, attributes = {}) {
  const element = document.createElement(tag);
  element.className = name;
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  return element;
}

function text(tag, words) {
  const element = document.createElement(tag);
  element.textContent = words;
  return element;
}

function set(element, words) {
  if (element.textContent !== words) element.textContent = words;
}
