// The names of levels and lines: elements above the lines, so that a frame need not draw them.

import { add } from "../shared/dom.js";
import { endsOf, FONT, spotOf, spotsAlong, widest } from "./labels.js";

/**
 * @import { Frame } from "./frame.js"
 * @import { Spot } from "./labels.js"
 */

/** @typedef {{ value: number, label: string, colour: string }} Level */
/** @typedef {{ label: string, colour: string, points: number[] | undefined }} Named points: x and y in turn, in pixels */

const OWN = 65; // percent of a line's colour in its name: as text it needs more contrast than as a line
/** @type {CanvasRenderingContext2D | null | undefined} */
let ruler;

/**
 * The width of a name in pixels.
 * @param {string} text
 * @param {string} font
 */
export function widthOf(text, font) {
  ruler ??= document.createElement("canvas").getContext("2d");
  if (!ruler) return 0;
  ruler.font = `${FONT}px ${font}`;
  return Math.ceil(ruler.measureText(text).width) + 2;
}

/**
 * Writes each name where it covers least; with a margin the lines' names stand in it, at their ends.
 * @param {HTMLElement} root emptied first
 * @param {Frame} frame
 * @param {Level[]} levels
 * @param {Named[]} lines those that are seen
 * @param {number | undefined} margin pixels on the right of the plot
 * @param {string} font
 */
export function writeNames(root, frame, levels, lines, margin, font) {
  root.replaceChildren();
  const { y, top, bottom } = frame;
  if (!y) {
    add(root, "div", "curves-note", {}, "nothing to draw yet");
    return;
  }
  const curves = lines.flatMap(({ points }) => (points ? [points] : []));
  /** @type {Spot[]} */
  const taken = [];
  /** @param {string} text */
  const width = (text) => Math.min(widthOf(text, font), widest(frame));
  for (const { value, label, colour } of levels) {
    const at = y.pixel(value);
    if (!(at >= top && at <= bottom)) continue;
    taken.push(spotOf(at, width(label), frame, curves, taken));
    write(root, label, taken[taken.length - 1], colour);
  }
  const named = lines.flatMap(({ label, colour, points }) => (label && points ? [{ label, colour, points }] : []));
  if (margin === undefined) {
    for (const { label, colour, points } of named) {
      const spot = spotsAlong(points, width(label), frame, curves, taken);
      if (!spot) continue;
      taken.push(spot);
      write(root, label, spot, mixed(colour));
    }
    return;
  }
  const ends = named.flatMap(({ label, colour, points }) => {
    const end = points.findLast((value, i) => i % 2 === 1 && !Number.isNaN(value));
    return end === undefined ? [] : [{ label, colour, end }];
  });
  const heights = endsOf(
    ends.map(({ end }) => end),
    frame,
  );
  ends.forEach(({ label, colour }, k) =>
    write(root, label, { x: frame.right + 9, y: heights[k], width: margin - 9 }, mixed(colour)),
  );
}

/** @param {string} colour */
function mixed(colour) {
  return `color-mix(in srgb, ${colour} ${OWN}%, var(--text))`;
}

/**
 * @param {HTMLElement} root
 * @param {string} text
 * @param {Spot} spot
 * @param {string} colour
 */
function write(root, text, { x, y, width }, colour) {
  const label = add(root, "span", "curves-level", {}, text);
  Object.assign(label.style, { left: `${x}px`, top: `${y}px`, maxWidth: `${Math.max(width, 1)}px`, color: colour });
}
