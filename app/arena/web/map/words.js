// A map in words, for who does not see it.

import { number } from "../shared/format.js";
import { pathOf } from "../shared/scene.js";

/** @import { Contender, SceneMap } from "../shared/types.d.ts" */

/**
 * Where each path ends, in a sentence.
 * @param {{ contenders: Contender[], map: SceneMap }} scene
 */
export function inWords({ contenders, map }) {
  const ends = contenders.map((contender) => {
    const { xs = [], ys = [] } = pathOf(contender, map.path) ?? {};
    let k = xs.length - 1;
    while (k >= 0 && !Number.isFinite(xs[k] + ys[k])) k--;
    if (k < 0) return `${contender.label} has no path`;
    return `${contender.label} ${contender.broken ? "breaks off" : "ends"} at (${number(xs[k])}, ${number(ys[k])})`;
  });
  return `${map.title}: ${ends.join("; ")}.`;
}
