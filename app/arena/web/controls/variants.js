// A knob's whole axis: every value's run is here, and a slider swaps them. No message goes to the server.

import { number } from "../shared/format.js";

const HEIGHT = 36; // px of the strip of final losses above the slider
const THUMB = 8.5; // px, half of the slider's thumb: where its middle stands at either end
const DOT = 2; // px

/** The row of the knob: its slider, its value, what each value came to, and the way into the race. */
export class Variants {
  /**
   * @param {HTMLElement} root with the row's parts
   * @param {(index: number) => void} change called when another value is chosen
   * @param {(index: number) => void} open called when a value's race is wanted
   */
  constructor(root, change, open) {
    this.root = root;
    this.index = 0;
    this.part = (name) => root.querySelector(`[data-variants=${name}]`);
    this.slider = this.part("slider");
    this.slider.addEventListener("input", () => {
      this.index = Number(this.slider.value);
      change(this.index);
    });
    this.part("open").addEventListener("click", () => open(this.index));
    new ResizeObserver(() => this.draw()).observe(root);
  }

  /** Takes a scene; the chosen value stays where the same values can be chosen. Shows it in the scene. */
  setScene(scene, theme) {
    const { scrub } = scene;
    this.root.hidden = !scrub;
    const same = this.scrub && scrub && scrub.knob === this.scrub.knob && scrub.values.join() === this.scrub.values.join();
    this.scrub = scrub;
    if (!scrub) return;
    this.theme = theme;
    this.contender = scene.contenders[scrub.contender];
    if (!same) this.index = scrub.now;
    this.slider.max = String(scrub.values.length - 1);
    this.slider.value = String(this.index);
    this.slider.setAttribute("aria-label", scrub.knob);
    this.part("knob").textContent = scrub.knob;
    this.show(scene);
  }

  /** Puts the chosen value's run in the place of the contender's. */
  show(scene) {
    const { variants } = scene.contenders[this.scrub.contender];
    Object.assign(scene.contenders[this.scrub.contender], variants[this.index]);
    this.draw();
  }

  draw() {
    const { scrub, index } = this;
    if (!scrub) return;
    this.part("value").textContent = scrub.values[index];
    const loss = scrub.losses[index];
    this.part("loss").textContent = loss === null ? "broke off" : `final loss ${number(loss)}`;
    this.slider.setAttribute("aria-valuetext", scrub.words[index]);
    this.slider.style.setProperty("--done", `${(100 * index) / Math.max(1, scrub.values.length - 1)}%`);
    this.#strip(this.part("strip"));
  }

  /** The final loss of every value, above the slider, on a logarithmic scale where there can be one. */
  #strip(canvas) {
    const { losses, now } = this.scrub;
    const width = canvas.clientWidth;
    if (!width) return;
    const ratio = globalThis.devicePixelRatio || 1;
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(HEIGHT * ratio);
    const context = canvas.getContext("2d");
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const known = losses.filter((loss) => loss !== null);
    const log = known.every((loss) => loss > 0);
    const scaled = losses.map((loss) => (loss === null ? null : log ? Math.log10(loss) : loss));
    const some = scaled.filter((value) => value !== null);
    const [low, high] = [Math.min(...some), Math.max(...some)];
    const x = (k) => THUMB + ((width - 2 * THUMB) * k) / Math.max(1, losses.length - 1);
    const y = (value) => 6 + (HEIGHT - 12) * (1 - (value - low) / (high - low || 1));
    context.strokeStyle = this.theme.muted;
    context.globalAlpha = 0.5;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(x(now), 0);
    context.lineTo(x(now), HEIGHT);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    context.fillStyle = context.strokeStyle = this.contender.colour;
    scaled.forEach((value, k) => {
      context.beginPath();
      if (value === null) {
        for (const way of [-1, 1]) {
          context.moveTo(x(k) - 2.5, 5 - 2.5 * way);
          context.lineTo(x(k) + 2.5, 5 + 2.5 * way);
        }
        context.stroke();
      } else {
        context.arc(x(k), y(value), k === this.index ? 2.5 * DOT : DOT, 0, 2 * Math.PI);
        context.fill();
      }
    });
  }
}
