// The bar above the landscape: what to look at, what lies beneath the paths, and how it is drawn.

import { byId, required } from "../shared/dom.js";
import { rove, stop } from "../shared/roving.js";

/** @import { Beneath, Scene } from "../shared/types.d.ts" */

/** @typedef {"race" | "inside" | "steps"} Tab */

/**
 * What is seen.
 * @typedef {{ tab: Tab, onMap: boolean, onSurface: boolean, arrows: boolean }} Seen
 */

/**
 * @typedef {object} Acts
 * @property {(tab: Tab) => void} show
 * @property {() => void} turn the map into a surface, or back
 * @property {() => void} arrows shows them, or no longer
 * @property {(kind: string) => void} beneath
 */

/** Tabs and toggles. */
export class Header {
  #list = required(document.querySelector("[role=tablist]"), "list of tabs");
  #tabs = /** @type {HTMLElement[]} */ ([...this.#list.querySelectorAll("[role=tab]")]);
  #ground = /** @type {HTMLSelectElement} */ (byId("ground-choice"));

  /** @param {Acts} acts */
  constructor(acts) {
    for (const tab of this.#tabs) tab.addEventListener("click", () => acts.show(/** @type {Tab} */ (tab.dataset.show)));
    byId("relief").addEventListener("click", acts.turn);
    byId("arrows").addEventListener("click", acts.arrows);
    this.#ground.addEventListener("change", () => acts.beneath(this.#ground.value));
    rove(/** @type {HTMLElement} */ (this.#list), () => this.#tabs.filter((tab) => !tab.hidden), true);
  }

  /**
   * @param {Scene} scene
   * @param {Seen} seen
   */
  draw({ map, contenders, beneath, inside, algorithm }, { tab: shown, onMap, onSurface, arrows }) {
    for (const tab of this.#tabs) tab.setAttribute("aria-selected", String(tab.dataset.show === shown));
    stop(
      this.#tabs,
      this.#tabs.find((tab) => tab.dataset.show === shown),
    );
    byId("body").setAttribute("aria-labelledby", `tab-${shown}`);
    byId("tab-inside").hidden = !inside.length;
    byId("tab-steps").hidden = !algorithm.length;
    this.#list.toggleAttribute("hidden", !inside.length && !algorithm.length);
    byId("relief").hidden = shown === "inside" || !map?.grid;
    byId("relief").setAttribute("aria-pressed", String(onSurface));
    byId("arrows").hidden = !onMap || !contenders.some(({ channels }) => channels.ux);
    byId("arrows").setAttribute("aria-pressed", String(arrows));
    this.#ground.hidden = !beneath || shown === "inside";
  }

  /**
   * Offers what can lie beneath the paths of many parameters.
   * @param {Beneath | null} beneath
   */
  offer(beneath) {
    const options = beneath?.choices.map(([value, text]) => new Option(text, value, false, value === beneath.chosen)) ?? [];
    this.#ground.replaceChildren(...options);
  }
}
