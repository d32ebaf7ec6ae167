/** A dialog of the browser's own: it keeps the focus, closes on Escape, and goes from the page when it closes. */

import { h } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "./icons.js";

/**
 * Open a dialog.
 * @param {string} title
 * @param {(close: () => void) => import("../dom.js").Child} fill makes what is in it
 * @param {{side?: boolean}} [options] side: a panel at the edge
 * @returns {HTMLDialogElement}
 */
export function openDialog(title, fill, { side = false } = {}) {
  const id = `dialog-${crypto.randomUUID()}`;
  const dialog = /** @type {HTMLDialogElement} */ (h("dialog", { class: side ? "side" : "", "aria-labelledby": id }));
  const close = () => dialog.close();
  dialog.append(
    h(
      "div",
      { class: "dialog-head" },
      h("h2", { id }, title),
      h("button", { class: "quiet", type: "button", "aria-label": t("close"), on: { click: close } }, icon("close")),
    ),
    h("div", { class: "dialog-body" }, fill(close)),
  );
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (event) => event.target === dialog && close());
  window.addEventListener("hashchange", close, { once: true });
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

/**
 * Ask for one text.
 * @param {{title: string, label: string, value?: string, hint?: string, action: string}} words
 * @param {(text: string) => Promise<void>} use what fails is told in the dialog
 * @param {(error: unknown) => Node} problem draws a failure
 */
export function askText(words, use, problem) {
  openDialog(words.title, (close) => {
    const input = /** @type {HTMLInputElement} */ (h("input", { name: "text", required: true, autocomplete: "off", value: words.value ?? "" }));
    const told = h("div", { "aria-live": "polite" });
    const submit = async (/** @type {Event} */ event) => {
      event.preventDefault();
      try {
        await use(input.value.trim());
        close();
      } catch (error) {
        told.replaceChildren(problem(error));
      }
    };
    return h(
      "form",
      { on: { submit } },
      h("label", {}, words.label, input),
      words.hint && h("p", { class: "hint" }, words.hint),
      told,
      h(
        "div",
        { class: "row end" },
        h("button", { type: "button", on: { click: close } }, t("cancel")),
        h("button", { class: "primary", type: "submit" }, words.action),
      ),
    );
  });
}
