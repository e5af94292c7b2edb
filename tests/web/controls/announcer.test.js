import assert from "node:assert/strict";
import { test } from "node:test";
import { Announcer, atStep } from "../../../app/arena/web/controls/announcer.js";

/** @import { Contender } from "../../../app/arena/web/shared/types.d.ts" */

/**
 * @param {string} label
 * @param {Record<string, number[]>} values
 * @returns {Contender}
 */
function contender(label, values) {
  const channels = Object.entries(values).map(([name, numbers]) => [
    name,
    { axis: "steps", values: Float32Array.from(numbers) },
  ]);
  const axes = { steps: Float32Array.of(0, 1) };
  return { index: 0, label, colour: "", dash: [], broken: false, ending: "", axes, channels: Object.fromEntries(channels) };
}

const RACE = [contender("Prodigy", { loss: [4, 2], D: [1, 3] }), contender("Adam", { loss: [4, 3] })];

test("a step is told in one sentence", () => {
  assert.equal(atStep(1, RACE), "At step 1: Prodigy loss 2, D 3; Adam loss 3.");
  assert.equal(atStep(0.5, []), "At step 0: no contender is shown.");
});

test("nothing is said while a run plays, and once it stands still one thing", (context) => {
  context.mock.timers.enable({ apis: ["setTimeout"] });
  /** @type {string[]} */
  const said = [];
  const element = {
    get textContent() {
      return said.at(-1) ?? "";
    },
    set textContent(words) {
      said.push(words);
    },
  };
  const announcer = new Announcer(/** @type {HTMLElement} */ (/** @type {unknown} */ (element)));
  const player = { playing: false, step: 0 };
  announcer.follow(player, RACE);
  player.playing = true;
  for (const step of [0.2, 0.4, 0.6]) {
    player.step = step;
    announcer.follow(player, RACE);
    context.mock.timers.tick(2000);
  }
  assert.deepEqual(said, []);
  Object.assign(player, { playing: false, step: 1 });
  announcer.follow(player, RACE);
  announcer.follow(player, RACE);
  context.mock.timers.tick(2000);
  assert.deepEqual(said, ["At step 1: Prodigy loss 2, D 3; Adam loss 3."]);
});
