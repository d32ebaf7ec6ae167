/** A block of text with a button that copies it. */

import { h, show } from "../dom.js";
import { t } from "../i18n.js";
import { icon } from "./icons.js";
import { toast } from "./toasts.js";

const TOLD_MS = 1500;

/** @param {() => string | Promise<string>} read @param {string} [label] */
export function copyButton(read, label = t("copy")) {
  const button = h("button", { class: "quiet copy", type: "button", title: label, "aria-label": label }, icon("copy"));
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(await read());
    } catch {
      toast(t("copy.refused"));
      return;
    }
    show(button, icon("check"));
    button.setAttribute("aria-label", t("copied"));
    setTimeout(() => {
      show(button, icon("copy"));
      button.setAttribute("aria-label", label);
    }, TOLD_MS);
  });
  return button;
}

/** @param {string} text @param {string} label what it is, for those who do not see it */
export function codeBlock(text, label) {
  return h("div", { class: "code" }, copyButton(() => text), h("pre", { tabindex: "0", role: "region", "aria-label": label }, h("code", {}, text)));
}

/** Write JSON so that it can be read; what is none stays as it is. @param {string} text */
export function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
