// Before any module is here: tells the page that we are ready and how high we will be, and keeps what it sends meanwhile.
// A classic script, so that nothing is waited for; `host.js` takes over.

(() => {
  /** Pixels of a phone's arena: the parts above the curves, a panel of curves, a contender's row, the row of knobs. */
  const PHONE = { above: 395, panel: 152, row: 34, knobs: 57 };
  /** @type {{ render: MessageEvent["data"] | null, stop: () => void }} */
  const early = { render: null, stop: () => window.removeEventListener("message", keep) };
  /**
   * @param {string} type
   * @param {object} data
   */
  const send = (type, data) => window.parent.postMessage({ isStreamlitMessage: true, type, ...data }, "*");
  /** @param {MessageEvent} event */
  const keep = ({ data, source }) => {
    if (source !== window.parent || data?.type !== "streamlit:render") return;
    const { scene, height } = data.args;
    const phone =
      PHONE.above + PHONE.panel * scene.panels.length + PHONE.row * scene.contenders.length + (scene.knobs ? PHONE.knobs : 0);
    // The frame itself has no width yet: it is not shown before it is ready.
    const width = window.frameElement?.parentElement?.clientWidth ?? window.innerWidth;
    if (!early.render) send("streamlit:setFrameHeight", { height: width <= 640 ? phone : height });
    early.render = data;
  };
  Object.assign(window, { early });
  window.addEventListener("message", keep);
  send("streamlit:componentReady", { apiVersion: 1 });
})();
