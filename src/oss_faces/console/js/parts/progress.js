/** A bar with words beside it, for work that takes a while and can be stopped. */

import { h, show } from "../dom.js";
import { t } from "../i18n.js";

export class Progress {
  /** @param {string} label @param {() => void} onStop */
  constructor(label, onStop) {
    this.bar = /** @type {HTMLProgressElement} */ (h("progress", { max: 1, value: 0, "aria-label": label }));
    this.words = h("p", { class: "progress-words", role: "status" });
    this.stop = h("button", { type: "button", on: { click: onStop } }, t("stop"));
    this.extra = h("div", {});
    this.element = h("div", { class: "progress" }, h("div", { class: "progress-line" }, this.bar, this.stop), this.words, this.extra);
  }

  /** @param {number} share of 1 @param {string} words */
  set(share, words) {
    this.bar.value = share;
    if (this.words.textContent !== words) show(this.words, words);
  }

  /** @param {string} words @param {...import("../dom.js").Child} extra */
  end(words, ...extra) {
    this.stop.remove();
    this.set(1, words);
    show(this.extra, ...extra);
  }
}
