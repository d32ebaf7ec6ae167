/** The panel with the requests behind the clicks: what was sent, what came back, and a command that does it again. */

import { changes, noted } from "../api/journal.js";
import { h, show } from "../dom.js";
import { number, t } from "../i18n.js";
import { codeBlock, copyButton, pretty } from "./copy.js";
import { openDialog } from "./dialog.js";

export function openJournal() {
  const list = h("div", { class: "journal" });
  const draw = () => {
    const entries = noted();
    show(list, entries.length === 0 ? h("p", {}, t("journal.empty")) : entries.map(line));
  };
  draw();
  changes.addEventListener("change", draw);
  const dialog = openDialog(t("journal.title"), () => [h("p", { class: "hint" }, t("journal.hint")), list], { side: true });
  dialog.addEventListener("close", () => changes.removeEventListener("change", draw));
}

/** @param {import("../api/journal.js").Entry} entry */
function line(entry) {
  const details = h(
    "details",
    {},
    h(
      "summary",
      {},
      h("span", { class: entry.status >= 400 || entry.status === 0 ? "status bad" : "status" }, entry.status || "–"),
      h("span", { class: "journal-title" }, entry.title),
      h("span", { class: "journal-target" }, entry.target),
      h("span", { class: "journal-ms" }, `${number(entry.ms)} ms`),
    ),
  );
  details.addEventListener("toggle", () => details.childElementCount === 1 && fill(details, entry), { once: true });
  return details;
}

/** @param {Element} details @param {import("../api/journal.js").Entry} entry */
async function fill(details, entry) {
  const command = await entry.curl();
  details.append(
    h("div", { class: "row" }, h("h3", {}, t("journal.request")), copyButton(entry.curl)),
    codeBlock(command, t("journal.request")),
    h("h3", {}, t("journal.answer")),
    entry.body ? codeBlock(pretty(entry.body), t("journal.answer")) : h("p", { class: "hint" }, t("journal.no_text")),
  );
}
