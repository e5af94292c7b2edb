// The three buttons of a view that zooms: closer, farther, all of it. Every such view has them in the same corner.

import { add, drawing } from "./dom.js";

/** @typedef {"closer" | "farther" | "all"} Kind */

/** @type {[Kind, string][]} */
const ICONS = [
  ["closer", "M7 2v10M2 7h10"],
  ["farther", "M2 7h10"],
  ["all", "M2 5V2h3M9 2h3v3M12 9v3h-3M5 12H2v-3"],
];

/**
 * @param {HTMLElement} parent a positioned element, in whose upper right corner they stand
 * @param {Record<Kind, () => void>} acts
 * @param {string} all the words for the last one
 * @returns {HTMLButtonElement} the last one, to be disabled while all is shown
 */
export function zoomButtons(parent, acts, all = "Show all") {
  const bar = add(parent, "div", "zoom-buttons");
  const names = { closer: "Zoom in", farther: "Zoom out", all };
  const buttons = ICONS.map(([kind, path]) => {
    // No stop for the Tab key: the view has keys for the same.
    const attributes = { type: "button", tabindex: -1, title: names[kind], "aria-label": names[kind] };
    const button = add(bar, "button", "zoom-button", attributes, icon(path, 14));
    button.addEventListener("click", () => acts[kind]());
    return button;
  });
  return buttons[2];
}

/**
 * Lines in a square of `size` pixels.
 * @param {string} path as in SVG
 * @param {number} size
 */
export function icon(path, size) {
  return drawing("path", { d: path }, [size, size]);
}
