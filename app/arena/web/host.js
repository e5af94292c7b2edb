// The page around the component: Streamlit, which speaks by messages between windows.

/**
 * @import * as json from "./shared/json.d.ts"
 * @import { Turn } from "./controls/knob.js"
 * @import { Pin } from "./controls/knobs.js"
 */

/**
 * The colours and the font of the page; those that are not set are left out.
 * @typedef {{ base?: string, textColor?: string, backgroundColor?: string, primaryColor?: string, font?: string }} HostTheme
 */

/**
 * `view` may be anything, since it may come from a link.
 * @typedef {{ scene: json.Scene, blob: ArrayBuffer | Uint8Array<ArrayBuffer>, view?: unknown, opening?: number | null }} Args
 */

/**
 * What a person did, for Python to act on; `nth` counts them, so that the same choice twice is two messages.
 * @typedef {{ event: "start", at: json.Point } | { event: "variant", index: number } | { event: "beneath", kind: string }
 *   | { event: "view", view: object } | Turn | Pin} Choice
 */

const VERSION = 1;

let told = Date.now(); // beyond that of any arena before it on this page

/**
 * @param {string} type
 * @param {object} data
 */
function send(type, data) {
  window.parent.postMessage({ isStreamlitMessage: true, type, ...data }, "*");
}

/**
 * Calls back with each scene that the page sends, and with the one that came before this module.
 * @param {(args: Args, theme: HostTheme) => void} render
 */
export function connect(render) {
  const { early } = /** @type {{ early?: { render: MessageEvent["data"], stop: () => void } }} */ (globalThis);
  /** @param {MessageEvent["data"]} data */
  const take = (data) => render(data.args, data.theme ?? {});
  window.addEventListener("message", ({ data, source }) => {
    if (source === window.parent && data?.type === "streamlit:render") take(data);
  });
  early?.stop();
  // Streamlit names the frame after our Python module; who hears the page read should hear what is in it.
  window.frameElement?.setAttribute("title", document.title);
  if (early?.render) take(early.render);
  else send("streamlit:componentReady", { apiVersion: VERSION });
}

/**
 * Makes the frame this high.
 * @param {number} height CSS pixels
 */
export function setHeight(height) {
  send("streamlit:setFrameHeight", { height });
}

/**
 * Hands a value to Python, which runs the page anew.
 * @param {Choice} value
 */
export function tell(value) {
  send("streamlit:setComponentValue", { value: { ...value, nth: ++told }, dataType: "json" });
}
