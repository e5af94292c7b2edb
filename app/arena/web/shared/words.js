// Sentences with symbols and numbers in them, as elements.

import { make } from "./dom.js";

const PIECES = /(d\u0302)|(\d[\d.]*e-\d+)/;

/**
 * Writes a text: d̂ in the letters of a formula, since upright ones put the hat on the stem; 1.2e-06 is never broken in two.
 * @param {Element} element
 * @param {string} text
 */
export function write(element, text) {
  const pieces = text.split(PIECES).filter(Boolean);
  element.replaceChildren(...pieces.map((piece) => (PIECES.test(piece) ? special(piece) : piece)));
}

/** @param {string} piece */
function special(piece) {
  const symbol = piece.startsWith("d");
  const element = make(symbol ? "i" : "span", "", {}, piece);
  if (symbol) element.style.fontFamily = "var(--math, serif)";
  else element.style.whiteSpace = "nowrap";
  return element;
}
