// The clock of the arena: which step is shown, and whether it moves.

/** Seconds that a whole run plays at speed 1. */
export const SECONDS = 8;
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

const LONGEST = 0.1; // seconds that a frame counts for at most: a tab that slept must not jump

/** Playing, pausing and scrubbing: calls `show(step)` once a frame while it plays, and once after each move. */
export class Player {
  step = 0;
  last = 0;
  speed = 1;
  playing = false;
  /** @type {(() => void)[]} */
  #listeners = [];
  /** @type {number | undefined} milliseconds, the time of the last frame */
  #before;
  #request = 0;

  /** @param {(step: number) => void} show */
  constructor(show) {
    this.show = show;
  }

  /**
   * Calls back when it starts, stops, or changes its speed.
   * @param {() => void} listener
   */
  onChange(listener) {
    this.#listeners.push(listener);
  }

  /**
   * Takes the last step of a run. A playhead at the end stays at the end, any other where it is; that of a fresh run goes to
   * the end.
   * @param {number} last
   * @param {boolean} fresh
   */
  setLast(last, fresh) {
    const atEnd = this.step >= this.last;
    this.last = last;
    const stays = !fresh && (this.playing || !atEnd);
    this.step = stays ? Math.min(this.step, last) : last;
    if (fresh) this.pause();
  }

  play() {
    if (this.playing || !this.last) return;
    if (this.step >= this.last) this.step = 0;
    this.playing = true;
    this.#before = undefined;
    this.#request = requestAnimationFrame((now) => this.#frame(now));
    this.#changed();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.#request);
    this.#changed();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /**
   * Goes to a step, and rests there.
   * @param {number} step
   */
  seek(step) {
    this.pause();
    this.step = Math.min(Math.max(step, 0), this.last);
    this.show(this.step);
  }

  /** @param {number} speed */
  setSpeed(speed) {
    this.speed = speed;
    this.#changed();
  }

  /** @param {number} now milliseconds */
  #frame(now) {
    if (!this.playing) return;
    if (this.#before !== undefined) {
      const passed = Math.min((now - this.#before) / 1000, LONGEST);
      this.step = Math.min(this.step + (passed * this.speed * this.last) / SECONDS, this.last);
    }
    this.#before = now;
    this.show(this.step);
    if (this.step >= this.last) this.pause();
    else this.#request = requestAnimationFrame((next) => this.#frame(next));
  }

  #changed() {
    for (const listener of this.#listeners) listener();
  }
}
