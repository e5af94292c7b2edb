// A hyperparameter's whole axis: every value's run is here, and a slider swaps them. No message goes to the server.

import { Layers } from "../shared/canvas.js";
import { required } from "../shared/dom.js";
import { number } from "../shared/format.js";
import { cross, disc } from "../shared/marks.js";

/** @import { Contender, Run, Scene, Scrub, Theme } from "../shared/types.d.ts" */

/** @typedef {{ scrub: Scrub, contender: Contender, runs: Run[], theme: Theme }} Offer the values and their runs */

const HEIGHT = 36; // pixels of the strip of final losses above the slider
const THUMB = 8.5; // pixels, half of the slider's thumb: where its middle stands at either end
const TOP = 6; // pixels that the dots leave free above and below
const DOT = { other: 2, chosen: 5 }; // pixels
const BROKEN = { reach: 2.2, line: 1 }; // pixels

/** The row of the hyperparameter: its slider, its value, the final losses of all values, and the way into the race. */
export class Variants {
  #root;
  #index = 0; // of the chosen value
  /** @type {Offer | null} */
  #offer = null;

  /**
   * @param {HTMLElement} root with the row's parts
   * @param {() => void} change called when another value is chosen
   * @param {(index: number) => void} open called when a value's race is wanted
   */
  constructor(root, change, open) {
    this.#root = root;
    this.knob = this.#part("knob", HTMLElement);
    this.value = this.#part("value", HTMLElement);
    this.loss = this.#part("loss", HTMLElement);
    this.slider = this.#part("slider", HTMLInputElement);
    this.strip = this.#part("strip", HTMLCanvasElement);
    this.layers = new Layers(this.strip);
    this.slider.addEventListener("input", () => {
      this.#index = Number(this.slider.value);
      change();
    });
    this.#part("open", HTMLElement).addEventListener("click", () => open(this.#index));
    new ResizeObserver(() => this.draw()).observe(root);
  }

  /**
   * @template {HTMLElement} Kind
   * @param {string} name
   * @param {new () => Kind} kind
   */
  #part(name, kind) {
    const element = this.#root.querySelector(`[data-variants=${name}]`);
    return required(element instanceof kind ? element : null, `variant's ${name}`);
  }

  /**
   * Takes a scene; the chosen value stays where the same values can be chosen. Shows it in the scene.
   * @param {Scene} scene
   * @param {Theme} theme
   */
  setScene(scene, theme) {
    const { scrub } = scene;
    const before = this.#offer?.scrub;
    this.#root.hidden = !scrub;
    if (!scrub) {
      this.#offer = null;
      return;
    }
    const contender = scene.contenders[scrub.contender];
    this.#offer = { scrub, contender, runs: contender.variants ?? [], theme };
    if (before?.knob !== scrub.knob || before.values.join() !== scrub.values.join()) this.#index = scrub.now;
    this.slider.max = String(scrub.values.length - 1);
    this.slider.value = String(this.#index);
    this.slider.setAttribute("aria-label", scrub.knob);
    this.knob.textContent = scrub.knob;
    this.show();
  }

  /** Puts the chosen value's run in the place of the contender's. */
  show() {
    if (!this.#offer) return;
    Object.assign(this.#offer.contender, this.#offer.runs[this.#index]);
    this.draw();
  }

  draw() {
    if (!this.#offer) return;
    const { values, losses, words } = this.#offer.scrub;
    this.value.textContent = values[this.#index];
    const loss = losses[this.#index];
    this.loss.textContent = loss === null ? "broke off" : `final loss ${number(loss)}`;
    this.slider.setAttribute("aria-valuetext", words[this.#index]);
    this.slider.style.setProperty("--done", `${(100 * this.#index) / Math.max(1, values.length - 1)}%`);
    this.#drawStrip(this.#offer);
  }

  /**
   * Draws the final loss of every value above the slider.
   * @param {Offer} offer
   */
  #drawStrip({ scrub: { losses, now }, contender, theme }) {
    const width = this.strip.clientWidth;
    if (!width) return;
    this.layers.resize(width, HEIGHT);
    const context = this.layers.clear(this.strip);
    /** @param {number} k */
    const x = (k) => THUMB + ((width - 2 * THUMB) * k) / Math.max(1, losses.length - 1);
    context.strokeStyle = theme.muted;
    context.lineWidth = 1;
    context.globalAlpha = 0.5;
    context.setLineDash([2, 3]);
    context.beginPath();
    context.moveTo(x(now), 0);
    context.lineTo(x(now), HEIGHT);
    context.stroke();
    context.setLineDash([]);
    context.globalAlpha = 1;
    const paint = { colour: contender.colour };
    heightsOf(losses).forEach((height, k) => {
      if (height === null) cross(context, { x: x(k), y: 5 }, paint, BROKEN);
      else {
        const y = TOP + (HEIGHT - 2 * TOP) * (1 - height);
        disc(context, { x: x(k), y }, paint, k === this.#index ? DOT.chosen : DOT.other);
      }
    });
  }
}

/**
 * Losses from 0, the lowest, to 1, on a logarithmic scale where there can be one; null for a run that broke off.
 * @param {(number | null)[]} losses
 */
export function heightsOf(losses) {
  const known = losses.filter((loss) => loss !== null);
  const logarithmic = known.every((loss) => loss > 0);
  /** @param {number} loss */
  const scaled = (loss) => (logarithmic ? Math.log10(loss) : loss);
  const [low, high] = [Math.min(...known.map(scaled)), Math.max(...known.map(scaled))];
  return losses.map((loss) => (loss === null ? null : (scaled(loss) - low) / (high - low || 1)));
}
