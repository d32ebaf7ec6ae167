/** Short notes at the edge of the page, which go by themselves. One of them may have a button that takes something back. */

import { h } from "../dom.js";
import { t } from "../i18n.js";

const SHOWN_MS = 5000;
const UNDO_MS = 8000;

/** @returns {HTMLElement} */
function shelf() {
  return document.getElementById("toasts") ?? document.body.appendChild(h("div", { id: "toasts", role: "status", "aria-live": "polite" }));
}

/** @param {string} text */
export function toast(text) {
  const note = shelf().appendChild(h("div", { class: "toast" }, text));
  setTimeout(() => note.remove(), SHOWN_MS);
}

/**
 * Do something later, unless the user takes it back. A tab that is closed before has done nothing.
 * @param {string} text what is about to be done
 * @param {() => Promise<void>} act @param {() => void} undo
 */
export function later(text, act, undo) {
  const timer = setTimeout(async () => {
    note.remove();
    await act();
  }, UNDO_MS);
  const back = () => {
    clearTimeout(timer);
    note.remove();
    undo();
  };
  const note = shelf().appendChild(h("div", { class: "toast" }, h("span", {}, text), h("button", { type: "button", on: { click: back } }, t("undo"))));
}
