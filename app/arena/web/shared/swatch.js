// A contender's colour and dash as a short line, beside its name.

import { drawing } from "./dom.js";

/** @import { Contender } from "./types.d.ts" */

/**
 * A short line in the contender's colour and dash, or in the dash of one of its lines.
 * @param {Contender} contender
 * @param {number[]} dash
 * @param {number} width in units of the swatch, which is 26 wide and 8 high
 */
export function swatch(contender, dash = contender.dash, width = 3) {
  const line = { x1: 0, y1: 4, x2: 26, y2: 4, stroke: contender.colour, "stroke-width": width };
  return drawing("line", { ...line, "stroke-dasharray": dash.join(" ") }, [26, 8]);
}
