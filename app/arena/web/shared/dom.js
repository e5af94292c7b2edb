// Elements: made with their class, attributes and words in one go.

/** @typedef {Record<string, string | number | boolean>} Attributes true: without a value; false: left out */

/**
 * An element with its class, attributes and children.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} [className]
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = "", attributes = {}, ...children) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  setAttributes(element, attributes);
  element.append(...children);
  return element;
}

/**
 * The same as the last child of a parent.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Element} parent
 * @param {Tag} tag
 * @param {string} [className]
 * @param {Attributes} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function add(parent, tag, className, attributes, ...children) {
  return parent.appendChild(make(tag, className, attributes, ...children));
}

/**
 * A drawing of one line or path in a box of its own units; a screen reader passes over it.
 * @param {"line" | "path"} tag
 * @param {Attributes} attributes of the line or path
 * @param {[width: number, height: number]} size
 */
export function drawing(tag, attributes, [width, height]) {
  const [svg, shape] = ["svg", tag].map((name) => document.createElementNS("http://www.w3.org/2000/svg", name));
  setAttributes(svg, { viewBox: `0 0 ${width} ${height}`, "aria-hidden": "true" });
  setAttributes(shape, attributes);
  svg.append(shape);
  return svg;
}

/**
 * Writes words where they are not yet there.
 * @param {Element} element
 * @param {string} words
 */
export function setText(element, words) {
  if (element.textContent !== words) element.textContent = words;
}

/**
 * The element of an id that the page is known to have.
 * @param {string} id
 */
export function byId(id) {
  return required(document.getElementById(id), `#${id}`);
}

/**
 * What the page is known to have.
 * @template Value
 * @param {Value | null | undefined} value
 * @param {string} name for the error
 * @returns {Value}
 */
export function required(value, name) {
  if (value === null || value === undefined) throw new Error(`There is no ${name}.`);
  return value;
}

/**
 * @param {Element} element
 * @param {Attributes} attributes
 */
function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== false) element.setAttribute(name, value === true ? "" : String(value));
  }
}
