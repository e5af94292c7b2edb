// The page around the component: Streamlit, which speaks by messages between windows.

/** @import * as json from "./shared/json.d.ts" */

/**
 * The colours and the font of the page; those that are not set are left out.
 * @typedef {{ base?: string, textColor?: string, backgroundColor?: string, primaryColor?: string, font?: string }} HostTheme
 */

/** @typedef {{ scene: json.Scene, blob: ArrayBuffer | Uint8Array<ArrayBuffer> }} Args */

/**
 * What a person did, for Python to act on; `nth` counts them, so that the same choice twice is two messages.
 * @typedef {({ event: "start", at: json.Point } | { event: "variant", index: number } | { event: "beneath", kind: string })
 *   & { nth: number }} Choice
 */

const VERSION = 1;

/**
 * @param {string} type
 * @param {object} data
 */
function send(type, data) {
  window.parent.postMessage({ isStreamlitMessage: true, type, ...data }, "*");
}

/**
 * Tells the page that we are ready, and calls back with each scene that it sends.
 * @param {(args: Args, theme: HostTheme) => void} render
 */
export function connect(render) {
  window.addEventListener("message", ({ data, source }) => {
    if (source === window.parent && data?.type === "streamlit:render") render(data.args, data.theme ?? {});
  });
  // Streamlit names the frame after our Python module; who hears the page read should hear what is in it.
  window.frameElement?.setAttribute("title", document.title);
  send("streamlit:componentReady", { apiVersion: VERSION });
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
  send("streamlit:setComponentValue", { value, dataType: "json" });
}
