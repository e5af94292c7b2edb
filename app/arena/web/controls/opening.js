// The first picture of a first visit: the run is played once, from where something moves.

/** @import { Player } from "./player.js" */

/** Plays once, as soon as somebody can see it; a hand that comes first wants something else. */
export class Opening {
  #player;
  #stop = new AbortController();

  /** @param {Player} player */
  constructor(player) {
    this.#player = player;
  }

  /**
   * @param {number} step from which it plays; nothing where motion is not wanted or the run is over there
   */
  begin(step) {
    const player = this.#player;
    if (matchMedia("(prefers-reduced-motion: reduce)").matches || !(step >= 0 && step < player.last)) return;
    player.step = step;
    const { signal } = this.#stop;
    const play = () => {
      if (document.hidden || signal.aborted) return;
      this.#stop.abort();
      player.play();
    };
    for (const event of ["pointerdown", "keydown", "wheel"]) {
      document.addEventListener(event, () => this.#stop.abort(), { capture: true, passive: true, signal });
    }
    document.addEventListener("visibilitychange", play, { signal });
    play();
  }
}
