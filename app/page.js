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

  /**
   * What a click on a lesson reveals gets the focus: another heading of the page, the word on the prediction, or a new section.
   * Streamlit removes the button that was clicked, and the focus would be nowhere.
   * @param {Element} main
   */
  function followReveal(main) {
    const heading = () => main.querySelector("h1")?.textContent;
    const sections = () => /** @type {HTMLElement[]} */ ([...main.querySelectorAll(".st-key-lesson-answer h2")]);
    const [title, before] = [heading(), sections().length];

    /** @returns {HTMLElement | null | undefined} what is new, once it is there */
    function revealed() {
      if (heading() !== title) return main.querySelector("h1");
      if (sections().length <= before) return null;
      return before ? sections()[before] : main.querySelector(".st-key-lesson-verdict p");
    }

    const watch = new MutationObserver(() => {
      const place = revealed();
      if (!place) return;
      watch.disconnect();
      if (place.tagName === "H1") main.scrollTo(0, 0);
      place.tabIndex = -1;
      place.focus({ preventScroll: true });
    });
    watch.observe(main, { childList: true, subtree: true, characterData: true });
    setTimeout(() => watch.disconnect(), 10_000);
  }

  const LESSONS = [".st-key-lesson", ".st-key-case", ".st-key-course", ".st-key-clinic"];
  document.addEventListener("click", (event) => {
    const clicked = event.target instanceof Element && event.target.closest(LESSONS.map((each) => `${each} button`).join());
    const main = document.querySelector("#stMain, [data-testid=stMain]");
    if (clicked && main) followReveal(main);
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
