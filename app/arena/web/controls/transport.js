// The bar that plays, pauses and scrubs, and the keys that do the same.

import { icon } from "../shared/buttons.js";
import { count } from "../shared/format.js";
import { place } from "../shared/scene.js";
import { SPEEDS } from "./player.js";

const ICONS = {
  first: "M2 2h2v12H2zM14 2v12L5 8z",
  back: "M11 2v12L3 8zM12 2h2v12h-2z",
  play: "M3 1.5v13L14 8z",
  pause: "M3 2h4v12H3zM9 2h4v12H9z",
  forth: "M5 2v12l8-6zM2 2h2v12H2z",
  last: "M12 2h2v12h-2zM2 2v12l9-6z",
};

const KEYS = { " ": "play", ",": "back", ".": "forth", Home: "first", End: "last" };

/** Buttons, slider, speed and keyboard of a player. */
export class Transport {
  constructor(player) {
    this.player = player;
    this.nodes = Object.fromEntries(
      ["first", "back", "play", "forth", "last", "scrub", "at", "speed"].map((id) => [id, document.getElementById(id)]),
    );
    for (const id of ["first", "back", "forth", "last"]) this.nodes[id].append(icon(ICONS[id], 16));
    for (const speed of SPEEDS) {
      const option = document.createElement("option");
      Object.assign(option, { value: String(speed), textContent: `${speed}×`, selected: speed === player.speed });
      this.nodes.speed.append(option);
    }
    this.acts = {
      first: () => player.seek(0),
      back: () => this.#by(-1),
      play: () => player.toggle(),
      forth: () => this.#by(1),
      last: () => player.seek(player.last),
    };
    for (const [id, act] of Object.entries(this.acts)) this.nodes[id].addEventListener("click", act);
    this.nodes.scrub.addEventListener("input", () => player.seek(Number(this.nodes.scrub.value)));
    this.nodes.speed.addEventListener("change", () => player.setSpeed(Number(this.nodes.speed.value)));
    player.onChange(() => this.#changed());
    document.addEventListener("keydown", (event) => this.#key(event));
    this.#changed();
  }

  setScene(scene) {
    // The run with the most entries: where runs were thinned, one step on is its next entry.
    const axes = scene.contenders.map((contender) => contender.axes.steps);
    this.axis = axes.reduce((longest, axis) => (axis.length > longest.length ? axis : longest), new Float32Array([0]));
    this.nodes.scrub.max = String(scene.last);
    for (const id of ["first", "back", "play", "forth", "last", "scrub"]) this.nodes[id].disabled = !scene.last;
  }

  draw(step) {
    const { scrub, at } = this.nodes;
    const whole = Math.floor(step);
    scrub.value = String(whole);
    scrub.style.setProperty("--done", `${this.player.last ? (100 * whole) / this.player.last : 0}%`);
    const text = `step ${count(whole)} of ${count(this.player.last)}`;
    if (at.textContent !== text) {
      at.textContent = text;
      scrub.setAttribute("aria-valuetext", text);
    }
  }

  #by(way) {
    const { i, t } = place(this.axis, this.player.step);
    const next = way > 0 ? i + 1 : t ? i : i - 1;
    this.player.seek(this.axis[Math.min(Math.max(next, 0), this.axis.length - 1)]);
  }

  #changed() {
    const { play, speed } = this.nodes;
    play.replaceChildren(icon(ICONS[this.player.playing ? "pause" : "play"], 16));
    play.setAttribute("aria-label", this.player.playing ? "Pause" : "Play");
    speed.value = String(this.player.speed);
  }

  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    const act = KEYS[event.key];
    if (!act || this.nodes[act].disabled) return;
    // A button is pressed by the space bar itself, and a map has keys of its own; on the slider it plays.
    if (event.key === " " && event.target.closest?.("button, select, [role=application]")) return;
    if (event.target.type === "range" && event.target !== this.nodes.scrub && event.key.length > 1) return; // its own ends
    event.preventDefault();
    this.acts[act]();
  }
}
