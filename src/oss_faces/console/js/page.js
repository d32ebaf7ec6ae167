/** What pages have in common: how they are opened, how they say that they wait or that something went wrong. */

import { explain } from "./api/problem.js";
import { h, show } from "./dom.js";
import { t } from "./i18n.js";

/**
 * @typedef {object} Opened
 * @property {HTMLElement} main where the page is drawn
 * @property {string[]} parts the rest of the address
 * @property {AbortSignal} signal aborted when the user leaves the page
 * @property {() => Promise<void>} redraw draws the whole page anew
 */
/** @typedef {(opened: Opened) => Promise<void>} Open */

/**
 * Run something whose failure is shown in place. What was stopped by leaving is no failure.
 * @param {Element} place @param {() => Promise<void>} work
 */
export async function attempt(place, work) {
  try {
    await work();
  } catch (error) {
    if (/** @type {Error} */ (error)?.name === "AbortError") return;
    show(place, problemBox(error));
  }
}

/** @param {unknown} error */
export function problemBox(error) {
  const { what, advice, detail } = explain(error);
  return h(
    "div",
    { class: "problem", role: "alert" },
    h("p", { class: "problem-what" }, what),
    advice && h("p", {}, advice),
    h("p", { class: "problem-detail" }, detail),
  );
}

export function waiting() {
  return h("p", { class: "waiting", role: "status" }, t("waiting"));
}

/** @param {string} title @param {string} text @param {...import("./dom.js").Child} actions */
export function empty(title, text, ...actions) {
  return h("div", { class: "empty" }, h("h2", {}, title), h("p", {}, text), actions.length > 0 && h("div", { class: "row" }, ...actions));
}

/** @param {string} title @param {...import("./dom.js").Child} actions */
export function heading(title, ...actions) {
  document.title = `${title} · oss-faces`;
  return h("div", { class: "heading" }, h("h1", {}, title), h("div", { class: "row" }, ...actions));
}
