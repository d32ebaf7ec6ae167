/** Whose faces are on a picture? One that is stored, or one that is dropped here, stored for the moment and deleted again. */

import { h, show } from "../dom.js";
import { number, t } from "../i18n.js";
import { attempt, waiting } from "../page.js";
import { cutOut } from "../faces/overlay.js";
import { uprightSize } from "../pages/picture.js";
import { openDialog } from "../parts/dialog.js";
import { placeFields } from "./place_fields.js";
import { similarityWords } from "./similarity.js";
import { href } from "../router.js";

const SHOWN = "image/auto-orient,1/resize,l_1200/format,webp/quality,Q_80";

/** @param {import("./indexing.js").Services} services @param {import("./datasets.js").Ref} ref @param {AbortSignal} signal */
export function openSearch(services, ref, signal) {
  openDialog(t("search.title"), () => {
    const answer = h("div", { class: "matches", "aria-live": "polite" });
    const place = placeFields(services.objects, t("search.key"), signal);
    const file = /** @type {HTMLInputElement} */ (h("input", { type: "file", accept: "image/*" }));
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      show(answer, waiting());
      attempt(answer, async () => {
        const found = await identify(services, ref, place.value(), file.files?.[0], signal);
        show(answer, matches(found, ref));
      });
    };
    return [
      h("form", { on: { submit } }, h("p", { class: "hint" }, t("search.what")), place.element, h("label", {}, t("search.file"), file), h("p", { class: "hint" }, t("search.file.hint")), h("div", { class: "row end" }, h("button", { class: "primary", type: "submit" }, t("search.do")))),
      answer,
    ];
  });
}

/**
 * @param {import("./indexing.js").Services} services @param {import("./datasets.js").Ref} ref @param {{bucket: string, key: string}} place
 * @param {File | undefined} file @param {AbortSignal} signal
 */
async function identify({ media, objects }, ref, place, file, signal) {
  const key = file ? `.console/search-${crypto.randomUUID()}` : place.key;
  try {
    if (file) await objects.put(place.bucket, key, file, () => {}, signal);
    const SourceURI = `oss://${place.bucket}/${key}`;
    const found = await media.call("IdentifyFigures", { ...ref, SourceURI }, { signal });
    const info = (await objects.processed(place.bucket, key, "image/info", signal)).value;
    const stored = { width: Number(info.ImageWidth.value), height: Number(info.ImageHeight.value) };
    const size = uprightSize(stored, Number.parseInt(info.Orientation?.value ?? "1", 10));
    const url = URL.createObjectURL(await objects.picture(place.bucket, key, SHOWN, signal));
    signal.addEventListener("abort", () => URL.revokeObjectURL(url));
    return { found, size, url };
  } finally {
    // Also when it is not known whether it was stored: the user may have left in the moment before.
    if (file) await objects.remove(place.bucket, key);
  }
}

/** @param {{found: any, size: {width: number, height: number}, url: string}} answer @param {import("./datasets.js").Ref} ref */
function matches({ found, size, url }, ref) {
  if (found.Figures.length === 0) return h("p", { class: "hint" }, t("picture.no_faces"));
  return found.Figures.map((/** @type {any} */ face) =>
    h("div", { class: "match", "data-match": face.Match ?? "" }, cutOut(url, size, face.Boundary), h("div", { class: "match-words" }, words(face, found.ComparedWith, ref))),
  );
}

/** @param {any} face @param {number} compared @param {import("./datasets.js").Ref} ref */
function words(face, compared, ref) {
  if (face.Flaws.length > 0) return [h("b", {}, t("search.not_compared")), h("p", { class: "hint" }, face.Flaws.map((/** @type {string} */ flaw) => t(`flaw.${flaw}`)).join(", "))];
  const [nearest] = face.Candidates;
  if (!nearest) return [h("b", {}, t("search.unknown")), h("p", { class: "hint" }, t("search.nobody", { faces: number(compared) }))];
  const link = h("a", { href: href("person", ref.ProjectName, ref.DatasetName, nearest.ObjectId) }, nearest.Name || t("people.unnamed"));
  const head = face.Match ? h("b", {}, link) : h("b", {}, t("search.unknown"), " · ", t("search.nearest"), " ", link);
  return [head, similarityWords(nearest, compared).map((line) => h("p", { class: "hint" }, line))];
}

