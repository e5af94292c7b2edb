import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Outbox, PATIENCE } from "../../../app/arena/web/controls/outbox.js";

/** @type {string[]} */
let sent;
/** @type {Outbox<string>} */
let outbox;

beforeEach((context) => {
  /** @type {import("node:test").TestContext} */ (context).mock.timers.enable({ apis: ["setTimeout"] });
  sent = [];
  outbox = new Outbox((message) => sent.push(message));
});

/** @param {string} wanted */
function answer(wanted) {
  outbox.answer((_key, message) => message === wanted);
}

test("one message is under way at a time, and of those that wait the last one goes", () => {
  for (const message of ["1", "2", "3"]) outbox.post("a", message);
  assert.deepEqual(sent, ["1"]);
  answer("1");
  assert.deepEqual(sent, ["1", "3"]);
  answer("3");
  assert.deepEqual(sent, ["1", "3"]);
  assert.equal(outbox.busy, false);
});

test("a scene that answers another message releases none", () => {
  outbox.post("a", "1");
  outbox.post("a", "2");
  answer("0");
  assert.deepEqual(sent, ["1"]);
});

test("each knob's last message goes, whichever was turned after it", () => {
  outbox.post("a", "a1");
  outbox.post("a", "a2");
  outbox.post("b", "b1");
  answer("a1");
  answer("a2");
  assert.deepEqual(sent, ["a1", "a2", "b1"]);
});

test("a message that nothing answers holds the next one up for so long only", (context) => {
  outbox.post("a", "1");
  outbox.post("a", "2");
  context.mock.timers.tick(PATIENCE - 1);
  assert.deepEqual(sent, ["1"]);
  context.mock.timers.tick(1);
  assert.deepEqual(sent, ["1", "2"]);
  context.mock.timers.tick(PATIENCE);
  assert.equal(outbox.busy, false);
});

test("the clock starts anew with each message", (context) => {
  outbox.post("a", "1");
  context.mock.timers.tick(PATIENCE - 10);
  outbox.post("a", "2");
  answer("1");
  outbox.post("a", "3");
  context.mock.timers.tick(10);
  assert.deepEqual(sent, ["1", "2"]);
});
