/** Values as bars: a word with its probability, a number from 0 to 1, an age with its spread. */

import { h, s } from "../dom.js";
import { number, percent, t, tOr } from "../i18n.js";

const AGE_MAX = 100;

/** A bar that fills a share of its width. @param {number} share of 1 @param {number} [from] where it begins */
export function bar(share, from = 0) {
  const width = Math.max(0, Math.min(share, 1) - Math.max(from, 0)) * 100;
  return s(
    "svg",
    { class: "bar", viewBox: "0 0 100 6", preserveAspectRatio: "none", "aria-hidden": "true" },
    s("rect", { class: "bar-track", width: 100, height: 6 }),
    s("rect", { class: "bar-value", x: Math.max(from, 0) * 100, width, height: 6 }),
  );
}

/** @param {import("./attributes.js").Attribute} attribute */
export function attributeRow({ field, value, confidence }) {
  const isScore = typeof value === "number";
  const words = isScore ? number(value, 3) : tOr(`value.${field}.${value}`, String(value));
  const share = isScore ? value : (confidence ?? 0);
  const told = isScore || confidence === null ? "" : percent(confidence, 1);
  return row(field, t(`field.${field}`), words, told, bar(share));
}

/** @param {Record<string, any>} figure */
export function ageRow({ Age, AgeSD }) {
  const [low, high] = [(Age - AgeSD) / AGE_MAX, (Age + AgeSD) / AGE_MAX];
  return row("Age", t("field.Age"), number(Age, 1), t("age.spread", { sd: number(AgeSD, 1) }), bar(high, low));
}

/** @param {string} name @param {number} share */
export function shareRow(name, share) {
  return row(`expression-${name}`, t(`expression.${name}`), percent(share, 1), "", bar(share), "attribute compact");
}

/** @param {string} field @param {string} label @param {string} value @param {string} told @param {Node} drawn @param {string} [kind] */
function row(field, label, value, told, drawn, kind = "attribute") {
  return h("div", { class: kind, "data-field": field }, h("dt", {}, label), h("dd", {}, h("span", { class: "value" }, value), told && h("span", { class: "told" }, told), drawn));
}
