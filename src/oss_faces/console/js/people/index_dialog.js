/** Asks where the pictures are, and shows how far the reading is. */

import { h, show } from "../dom.js";
import { number, t } from "../i18n.js";
import { attempt } from "../page.js";
import { openDialog } from "../parts/dialog.js";
import { Progress } from "../parts/progress.js";
import { indexAll, sortFaces } from "./indexing.js";
import { placeFields } from "./place_fields.js";

/**
 * @param {import("./indexing.js").Services} services @param {(place: {bucket: string, prefix: string}) => void} use @param {AbortSignal} signal
 */
export function askForPictures(services, use, signal) {
  openDialog(t("index.title"), (close) => {
    const place = placeFields(services.objects, t("index.prefix"), signal);
    const submit = (/** @type {Event} */ event) => {
      event.preventDefault();
      const { bucket, key } = place.value();
      close();
      use({ bucket, prefix: key });
    };
    return h("form", { on: { submit } }, h("p", { class: "hint" }, t("index.what")), place.element, h("div", { class: "row end" }, h("button", { type: "button", on: { click: close } }, t("cancel")), h("button", { class: "primary", type: "submit" }, t("index.do"))));
  });
}

/**
 * Read the pictures, sort the faces, and tell of both in a card.
 * @param {Element} holder @param {import("./indexing.js").Services} services @param {import("./datasets.js").Ref} ref
 * @param {{bucket: string, prefix: string}} place @param {AbortSignal} signal
 */
export async function readPictures(holder, services, ref, place, signal) {
  const stopping = new AbortController();
  const progress = new Progress(t("index.title"), () => stopping.abort());
  show(holder, h("section", { class: "card", "aria-label": t("index.title") }, progress.element));
  await attempt(holder, async () => {
    const onProgress = (/** @type {import("./indexing.js").State} */ state) => {
      const counts = { done: number(state.done), all: number(state.listed), failed: number(state.failed) };
      progress.set(state.done / Math.max(state.listed, 1), t(stopping.signal.aborted ? "index.stopping" : "index.running", counts));
    };
    const { state, failures } = await indexAll(services, ref, place, onProgress, stopping.signal, signal);
    progress.set(1, t("index.sorting"));
    const task = state.done > state.failed ? await sortFaces(services.media, ref, signal) : null;
    const counts = { done: number(state.done - state.failed), failed: number(state.failed), placed: number(task?.Result?.PlacedFigureCount ?? 0), people: number(task?.Result?.NewClusterCount ?? 0) };
    progress.end(state.listed === 0 ? t("index.none") : t("index.done", counts), failed(failures));
  });
}

/** @param {{uri: string, message: string}[]} failures */
function failed(failures) {
  return failures.length > 0 && h("ul", { class: "failures" }, failures.map(({ uri, message }) => h("li", {}, h("b", {}, uri), " ", message)));
}
