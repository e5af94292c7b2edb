// The three buttons of a view that zooms: closer, farther, all of it. Every such view has them in the same corner.

import { make } from "../curves/panel.js";

const ICONS = {
  closer: "M7 2v10M2 7h10",
  farther: "M2 7h10",
  all: "M2 5V2h3M9 2h3v3M12 9v3h-3M5 12H2v-3",
};

/**
 * @param {HTMLElement} parent a positioned element, in whose upper right corner they stand
 * @param {{closer: () => void, farther: () => void, all: () => void}} acts
 * @param {string} all what the last one does, in words
 * @returns {HTMLButtonElement} the last one, to be disabled while all is shown
 */
export function zoomButtons(parent, acts, all = "Show all") {
  const bar = make("div", "zoom-buttons", parent);
  const names = { closer: "Zoom in", farther: "Zoom out", all };
  const buttons = Object.keys(ICONS).map((kind) => {
    const button = make("button", "zoom-button", bar);
    Object.assign(button, { type: "button", title: names[kind] });
    button.setAttribute("aria-label", names[kind]);
    button.append(icon(ICONS[kind], 14));
    button.addEventListener("click", () => acts[kind]());
    return button;
  });
  return buttons.at(-1);
}

/** Lines in a square of `size` pixels. */
export function icon(path, size) {
  const [svg, drawn] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
  svg.setAttribute("viewBox", `0 0 ${size} ${size}`);
  svg.setAttribute("aria-hidden", "true");
  drawn.setAttribute("d", path);
  svg.append(drawn);
  return svg;
}
