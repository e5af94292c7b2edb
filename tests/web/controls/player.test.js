import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { Player, SECONDS } from "../../../app/arena/web/controls/player.js";
import { FakeFrames } from "../fakes.js";

/** @type {FakeFrames} */
let frames;
/** @type {number[]} the steps that were shown */
let shown;
/** @type {Player} */
let player;

beforeEach(() => {
  frames = new FakeFrames();
  shown = [];
  player = new Player((step) => shown.push(step));
  player.setLast(800, true);
  player.seek(0);
  shown.length = 0;
});

test("a whole run plays in so many seconds at speed 1", () => {
  player.play();
  frames.pass(16); // the first frame only sets the clock
  for (let k = 0; k < SECONDS * 20; k += 1) frames.pass(50);
  assert.equal(Math.round(player.step * 1e6) / 1e6, 800);
});

test("each frame shows one step, by the time that passed and the speed", () => {
  player.setSpeed(2);
  player.play();
  frames.pass(16);
  frames.pass(20);
  frames.pass(40);
  // 800 steps in 8 seconds are 100 a second: at speed 2, 0.2 a millisecond.
  assert.deepEqual(
    shown.map((step) => Math.round(step * 1e9) / 1e9),
    [0, 4, 12],
  );
});

test("a tab that slept does not jump", () => {
  player.play();
  frames.pass(16);
  frames.pass(60_000);
  assert.equal(Math.round(player.step), 10); // a tenth of a second
});

test("it stops at the end, and plays again from the start", () => {
  player.seek(795);
  player.play();
  frames.pass(16);
  frames.pass(90);
  assert.equal(player.step, 800);
  assert.equal(player.playing, false);
  assert.equal(frames.waiting, 0);
  player.play();
  frames.pass(16);
  assert.equal(player.step, 0);
});

test("seeking pauses, and stays within the run", () => {
  player.play();
  player.seek(12.5);
  assert.equal(player.playing, false);
  assert.equal(frames.waiting, 0);
  player.seek(-3);
  player.seek(9999);
  assert.deepEqual(shown, [12.5, 0, 800]);
});

test("a playhead at the end follows a run that grows; any other stays", () => {
  player.seek(800);
  player.setLast(900, false);
  assert.equal(player.step, 900);
  player.seek(100);
  player.setLast(1000, false);
  assert.equal(player.step, 100);
  player.setLast(50, false);
  assert.equal(player.step, 50);
});

test("a playhead that plays to the end of what there is goes on from there", () => {
  player.seek(700);
  player.play();
  player.step = 800; // as the last frame left it
  player.setLast(900, false);
  assert.equal(player.step, 800);
  assert.equal(player.playing, true);
});

test("a fresh run is shown at its end, at rest", () => {
  player.play();
  player.setLast(300, true);
  assert.equal(player.step, 300);
  assert.equal(player.playing, false);
});

test("who listens hears of play, pause and speed", () => {
  /** @type {[boolean, number][]} */
  const heard = [];
  player.onChange(() => heard.push([player.playing, player.speed]));
  player.toggle();
  player.setSpeed(0.5);
  player.toggle();
  player.pause(); // is paused already
  assert.deepEqual(heard, [
    [true, 1],
    [true, 0.5],
    [false, 0.5],
  ]);
});

test("an empty run does not play", () => {
  player.setLast(0, true);
  player.play();
  assert.equal(player.playing, false);
});
