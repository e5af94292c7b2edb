// The clock of the arena: which step is shown, and whether it moves.

/** Seconds in which the whole of a run plays at speed 1. */
export const SECONDS = 8;
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 4];

/** Playing, pausing and scrubbing: calls `show(step)` once a frame while it plays, and once after each move. */
export class Player {
  constructor(show) {
    this.show = show;
    this.last = 0;
    this.step = 0;
    this.speed = 1;
    this.playing = false;
    this.listeners = [];
  }

  /** Calls back when it starts, stops, or changes its speed. */
  onChange(listener) {
    this.listeners.push(listener);
  }

  /** A run of another length. A playhead at the end stays at the end, any other where it is. */
  setLast(last, fresh) {
    const atEnd = this.step >= this.last;
    this.last = last;
    if (fresh || atEnd) this.step = this.playing && !fresh ? Math.min(this.step, last) : last;
    else this.step = Math.min(this.step, last);
    if (fresh) this.pause();
  }

  play() {
    if (this.playing || !this.last) return;
    if (this.step >= this.last) this.step = 0;
    this.playing = true;
    this.before = undefined;
    this.request = requestAnimationFrame((now) => this.#frame(now));
    this.#changed();
  }

  pause() {
    if (!this.playing) return;
    this.playing = false;
    cancelAnimationFrame(this.request);
    this.#changed();
  }

  toggle() {
    if (this.playing) this.pause();
    else this.play();
  }

  /** Goes to a step, and rests there. */
  seek(step) {
    this.pause();
    this.step = Math.min(Math.max(step, 0), this.last);
    this.show(this.step);
  }

  setSpeed(speed) {
    this.speed = speed;
    this.#changed();
  }

  #frame(now) {
    if (!this.playing) return;
    if (this.before !== undefined) {
      // A tab that slept must not jump: a frame counts for a tenth of a second at most.
      const passed = Math.min((now - this.before) / 1000, 0.1);
      this.step = Math.min(this.step + (passed * this.speed * this.last) / SECONDS, this.last);
    }
    this.before = now;
    this.show(this.step);
    if (this.step >= this.last) this.pause();
    else this.request = requestAnimationFrame((next) => this.#frame(next));
  }

  #changed() {
    for (const listener of this.listeners) listener();
  }
}
