// Templates of formulas: text with {name} where a number of the step belongs, and what is written there.

import { count, number } from "../shared/format.js";

/** @import { Value } from "./expression.js" */

/**
 * A place for a number; `factor`: it follows a sign, so that a number below 0 stands in brackets there.
 * @typedef {{ name: string, factor: boolean }} Hole
 */

/** The room that numbers take, at their longest. */
const LONGEST = { rate: "0.8888", t: "888", number: "8.888e-88", vector: "(-0.00888, -8.888e-88)" };
const HOLE = /{(\w+\+?)}/g;

/**
 * The holes of a template, in their order.
 * @param {string} template
 * @returns {Hole[]}
 */
export function holesOf(template) {
  const matches = [...template.matchAll(HOLE)];
  return matches.map(({ 1: name, index }) => ({ name, factor: /[·+] $/.test(template.slice(0, index)) }));
}

/**
 * The template as HTML, with an empty element for each hole.
 * @param {string} template
 */
export function withHoles(template) {
  return template.replace(HOLE, '<span data-name="$1"></span>');
}

/**
 * The text in a hole.
 * @param {Hole} hole
 * @param {Value} value
 */
export function inHole({ name, factor }, value) {
  if (name === "t" && typeof value === "number") return count(value);
  const below = typeof value === "number" && value < 0;
  return factor && below ? `(${written(value)})` : written(value);
}

/**
 * The longest text that a hole may get.
 * @param {Hole} hole
 * @param {Value} value to tell numbers from vectors
 */
export function longest({ name }, value) {
  if (name === "rate" || name === "t") return LONGEST[name];
  return Array.isArray(value) ? LONGEST.vector : LONGEST.number;
}

/**
 * A number or a vector; nothing where there is none.
 * @param {Value} value
 */
export function written(value) {
  if (Array.isArray(value)) return `(${value.map(number).join(", ")})`;
  return value === undefined ? "" : number(value);
}
