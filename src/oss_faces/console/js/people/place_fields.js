/** Which bucket, and what in it: two fields that several dialogs have. */

import { explain } from "../api/problem.js";
import { h, show } from "../dom.js";
import { t } from "../i18n.js";

/**
 * @param {import("../api/oss.js").ObjectService} objects @param {string} label of the second field @param {AbortSignal} signal
 * @returns {{element: Node, value: () => {bucket: string, key: string}}}
 */
export function placeFields(objects, label, signal) {
  const bucket = /** @type {HTMLInputElement} */ (h("input", { required: true, list: "known-buckets", autocomplete: "off" }));
  const key = /** @type {HTMLInputElement} */ (h("input", { autocomplete: "off" }));
  const known = h("datalist", { id: "known-buckets" });
  const told = h("p", { class: "hint" });
  objects.buckets().then(
    (found) => {
      if (signal.aborted) return;
      show(known, found.map(({ name }) => h("option", { value: name })));
      if (found.length === 1) bucket.value = found[0].name;
    },
    (error) => show(told, explain(error).what),
  );
  const element = h("div", { class: "place" }, h("label", {}, t("buckets.one"), bucket), known, told, h("label", {}, label, key));
  return { element, value: () => ({ bucket: bucket.value.trim(), key: key.value.trim() }) };
}
