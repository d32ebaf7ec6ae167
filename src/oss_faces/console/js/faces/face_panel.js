/** Everything that is known of one face. */

import { h } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import { scoresOf, sharesOf, wordsOf } from "./attributes.js";
import { ageRow, attributeRow, shareRow } from "./bars.js";
import { drawHead } from "./head_pose.js";
import { cutOut } from "./overlay.js";

/**
 * @param {object} shown
 * @param {import("./attributes.js").Figure} shown.figure
 * @param {import("./attributes.js").Figure | undefined} shown.expression the same face in `image/expressions`
 * @param {string} shown.url of the picture
 * @param {{width: number, height: number}} shown.size of the upright picture
 * @param {string} shown.title
 */
export function facePanel({ figure, expression, url, size, title }) {
  const shares = sharesOf(expression);
  const { Left, Top, Width, Height } = figure.Boundary;
  return h(
    "section",
    { class: "card face", "aria-label": title, "data-figure": figure.FigureId },
    h(
      "div",
      { class: "face-head" },
      cutOut(url, size, figure.Boundary),
      h("div", {}, h("h2", {}, title), h("p", { class: "hint" }, t("face.place", { x: Left, y: Top, width: Width, height: Height })), h("p", { class: "hint" }, t("face.confidence", { share: percent(figure.FigureConfidence, 1) }))),
    ),
    h("dl", { class: "attributes" }, "Age" in figure && ageRow(figure), wordsOf(figure).map(attributeRow), scoresOf(figure).map(attributeRow)),
    figure.HeadPose && pose(figure.HeadPose),
    shares.length > 0 && [h("h3", {}, t("expression.title")), h("dl", { class: "attributes" }, shares.map(([name, share]) => shareRow(name, share)))],
    h("p", { class: "hint" }, t("face.estimates")),
  );
}

/** @param {{Pitch: number, Yaw: number, Roll: number}} angles */
function pose(angles) {
  const words = /** @type {const} */ (["Yaw", "Pitch", "Roll"]).map((name) => h("div", { "data-field": name }, h("dt", {}, t(`pose.${name}`)), h("dd", {}, `${number(angles[name], 1)}°`)));
  return [h("h3", {}, t("field.HeadPose")), h("div", { class: "pose" }, drawHead(angles, t("pose.drawn")), h("dl", { class: "angles" }, words))];
}
