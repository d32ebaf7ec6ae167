/** The request behind the faces as programs, and the JSON that came, side by side. */

import { h, show } from "../dom.js";
import { t } from "../i18n.js";
import { codeBlock, pretty } from "../parts/copy.js";
import { SNIPPETS, curlSnippet } from "../snippets.js";

/**
 * @param {import("../snippets.js").Wanted} wanted @param {() => Promise<string>} presign makes an address that holds for an hour
 * @param {string} answer exact text of the answer
 */
export function requestPanel(wanted, presign, answer) {
  const code = h("div", {});
  const names = { curl: "curl", ...Object.fromEntries(Object.entries(SNIPPETS).map(([id, { name }]) => [id, name])) };
  const buttons = Object.entries(names).map(([id, name]) => h("button", { type: "button", class: "chip", "aria-pressed": "false", "data-language": id, on: { click: () => choose(id) } }, name));
  const choose = async (/** @type {string} */ id) => {
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.language === id));
    const text = id === "curl" ? curlSnippet(await presign()) : SNIPPETS[id].write(wanted);
    show(code, codeBlock(text, names[/** @type {keyof typeof names} */ (id)]), h("p", { class: "hint" }, t(id === "curl" ? "request.curl" : "request.environment")));
  };
  choose("python");
  return h(
    "div",
    { class: "two" },
    h("div", { class: "card" }, h("h2", { id: "request-title" }, t("request.title")), h("div", { class: "chips", role: "group", "aria-labelledby": "request-title" }, buttons), code),
    h("div", { class: "card" }, h("h2", {}, t("request.answer")), codeBlock(pretty(answer), t("request.answer"))),
  );
}
