/** What a similarity is worth, in words: it never stands alone. */

import { number, t } from "../i18n.js";

/** Two figures that count, whatever the size. @param {number} value */
export function brief(value) {
  return value === 0 ? "0" : number(value, Math.max(0, 1 - Math.floor(Math.log10(value))));
}

/** @param {{Similarity: number, FalseMatchRate: number, ExpectedFalsePositives: number}} candidate @param {number} compared */
export function similarityWords({ Similarity, FalseMatchRate, ExpectedFalsePositives }, compared) {
  const rate = FalseMatchRate > 0 ? t("similarity.rate", { one_in: number(Math.round(1 / FalseMatchRate)) }) : t("similarity.no_rate");
  return [t("similarity.value", { value: number(Similarity, 3) }), rate, t("similarity.expected", { count: brief(ExpectedFalsePositives), faces: number(compared) })];
}
