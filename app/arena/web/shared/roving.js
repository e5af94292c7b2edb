// A group of buttons that is one stop for the Tab key; arrow keys go through it.

/** @type {Record<string, number | undefined>} */
const WAYS = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/**
 * @param {HTMLElement} group
 * @param {() => HTMLElement[]} items those that can be reached now
 * @param {boolean} chooses whether to reach one is to click it, as with tabs
 */
export function rove(group, items, chooses = false) {
  group.addEventListener("focusin", ({ target }) => {
    if (target instanceof HTMLElement && items().includes(target)) stop(items(), target);
  });
  group.addEventListener("keydown", (event) => {
    const way = WAYS[event.key];
    const reached = items();
    const now = reached.findIndex((item) => item === document.activeElement);
    if (!way || now < 0 || event.ctrlKey || event.metaKey || event.altKey) return;
    const next = reached[(now + way + reached.length) % reached.length];
    next.focus();
    if (chooses) next.click();
    event.preventDefault();
    event.stopPropagation();
  });
}

/**
 * Makes one of them the stop.
 * @param {HTMLElement[]} items
 * @param {HTMLElement | undefined} stop
 */
export function stop(items, stop) {
  for (const item of items) item.tabIndex = item === stop ? 0 : -1;
}
