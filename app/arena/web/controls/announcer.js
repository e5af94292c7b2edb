// A sentence for who hears the arena: what stands at the step, once it stands still.

import { count, number } from "../shared/format.js";
import { valueAt } from "../shared/scene.js";
import { setText } from "../shared/dom.js";

/** @import { Contender } from "../shared/types.d.ts" */

const CALM = 500; // milliseconds without another step
const MOST = 3; // contenders whose numbers are told

/** Says nothing while a run plays, and nothing that was not asked for. */
export class Announcer {
  #element;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {HTMLElement} element with the role "status" */
  constructor(element) {
    this.#element = element;
  }

  /**
   * Says where the step came to, if it stays there.
   * @param {{ playing: boolean, step: number }} player
   * @param {Contender[]} contenders those that are seen
   */
  follow(player, contenders) {
    clearTimeout(this.#timer);
    if (!player.playing) this.#timer = setTimeout(() => setText(this.#element, atStep(player.step, contenders)), CALM);
  }
}

/**
 * One short sentence.
 * @param {number} step
 * @param {Contender[]} contenders those that are seen
 */
export function atStep(step, contenders) {
  const parts = contenders.slice(0, MOST).map((contender) => {
    const [loss, d] = ["loss", "D"].map((channel) => valueAt(contender, channel, step));
    return `${contender.label} loss ${number(loss)}${d === undefined ? "" : `, D ${number(d)}`}`;
  });
  return `At step ${count(Math.floor(step))}: ${parts.join("; ") || "no contender is shown"}.`;
}
