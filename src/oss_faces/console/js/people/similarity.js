/** What a similarity is worth, in words: it never stands alone. */

import { language, number, t } from "../i18n.js";

// Fifty million pairs of strangers were measured; a rate below that is an extrapolation, and is told as a bound.
const RATE_LEAST = 1e-7;
const COUNT_LEAST = 1e-6;

/** Two figures that count, whatever the size. @param {number} value */
function brief(value) {
  if (value < COUNT_LEAST) return `< ${number(COUNT_LEAST, 6)}`;
  return new Intl.NumberFormat(language(), { maximumSignificantDigits: 2 }).format(value);
}

/** @param {{Similarity: number, FalseMatchRate: number, ExpectedFalsePositives: number}} candidate @param {number} compared */
export function similarityWords({ Similarity, FalseMatchRate, ExpectedFalsePositives }, compared) {
  const isMeasured = FalseMatchRate >= RATE_LEAST;
  const rate = t(isMeasured ? "similarity.rate" : "similarity.rate_least", { one_in: brief(1 / Math.max(FalseMatchRate, RATE_LEAST)) });
  return [t("similarity.value", { value: number(Similarity, 3) }), rate, t("similarity.expected", { faces: number(compared), wrong: brief(ExpectedFalsePositives) })];
}
