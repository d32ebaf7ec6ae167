/** What is known of a face, in the order in which it is shown. Names and values are those of the answer of `image/faces`. */

/** @typedef {Record<string, any>} Figure */
/** @typedef {{field: string, value: string | number, confidence: number | null}} Attribute */

const WORDS = ["Gender", "Emotion", "Mouth", "Beard", "Glasses", "Hat", "Mask"];
const SCORES = ["FaceQuality", "Sharpness", "Attractive"];

/** Words with the probability that they are right. @param {Figure} figure @returns {Attribute[]} */
export function wordsOf(figure) {
  return WORDS.filter((field) => field in figure).map((field) => ({ field, value: figure[field], confidence: figure[`${field}Confidence`] ?? null }));
}

/** Numbers from 0 to 1. @param {Figure} figure @returns {Attribute[]} */
export function scoresOf(figure) {
  return SCORES.filter((field) => field in figure).map((field) => ({ field, value: figure[field], confidence: null }));
}

/** The seven shares of `image/expressions`, largest first. @param {Figure | undefined} expression @returns {[string, number][]} */
export function sharesOf(expression) {
  const scores = /** @type {Record<string, number>} */ (expression?.Scores ?? {});
  return Object.entries(scores).sort((a, b) => b[1] - a[1]);
}

/** The box as one text, for finding the same face in two answers. @param {Figure} figure */
export function boxName({ Boundary }) {
  return [Boundary.Left, Boundary.Top, Boundary.Width, Boundary.Height].join(",");
}
