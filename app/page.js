// What the page does in the browser beside Streamlit (`views/frame.py` puts it there): a link that skips to the picture, as the
// first stop of the Tab key; the picture in sight when a phone's knobs open; and no dialog when the server is gone.

(() => {
  if (document.querySelector(".lab-skip")) return;

  /** @returns {HTMLElement | null} the arena, the first chart, or the whole page */
  const picture = () =>
    document.querySelector("iframe[title*=arena]") ??
    document.querySelector("[data-testid=stPlotlyChart]") ??
    document.querySelector("#stMain");

  const skip = document.createElement("a");
  skip.className = "lab-skip";
  skip.href = "#stMain";
  skip.textContent = "Skip to the picture";
  skip.addEventListener("click", (event) => {
    event.preventDefault();
    const place = picture();
    if (!place) return;
    if (place.tabIndex < 0) place.tabIndex = -1;
    place.scrollIntoView();
    place.focus({ preventScroll: true });
  });
  document.body.prepend(skip);

  document.addEventListener("click", (event) => {
    const opens = event.target instanceof Element && event.target.closest("[data-testid=stExpandSidebarButton]");
    if (opens && matchMedia("(max-width: 768px)").matches) picture()?.scrollIntoView();
  });

  // Streamlit's dialog makes all behind it inert, which no style sheet can undo; the banner of `views/frame.py` says the same.
  new MutationObserver(() => {
    for (const dialog of document.querySelectorAll("[data-testid=stDialog]")) {
      if (dialog.querySelector("h2")?.textContent !== "Connection error") continue;
      /** @type {HTMLElement | null} */
      const close = dialog.querySelector("button[aria-label=Close]");
      close?.click();
    }
  }).observe(document.body, { childList: true });
})();
