// The page around the component: Streamlit, which speaks by messages between windows.

const VERSION = 1;

function send(type, data) {
  window.parent.postMessage({ isStreamlitMessage: true, type, ...data }, "*");
}

/**
 * Tells the page that we are ready, and calls back with each scene that it sends.
 * @param {(args: object, theme: object) => void} render
 */
export function connect(render) {
  window.addEventListener("message", ({ data, source }) => {
    if (source === window.parent && data?.type === "streamlit:render") render(data.args, data.theme ?? {});
  });
  // Streamlit names the frame after our Python module; who hears the page read should hear what is in it.
  if (window.frameElement) window.frameElement.title = document.title;
  send("streamlit:componentReady", { apiVersion: VERSION });
}

/** Makes the frame this high, in CSS pixels. */
export function setHeight(height) {
  send("streamlit:setFrameHeight", { height });
}

/** Hands a value to Python, which runs the page anew. */
export function tell(value) {
  send("streamlit:setComponentValue", { value, dataType: "json" });
}
