/** The uploads of this tab, shown at the edge of whatever page is open. */

import { explain } from "../api/problem.js";
import { h } from "../dom.js";
import { number, size, t } from "../i18n.js";
import { session } from "../session.js";
import { icon } from "./icons.js";
import { Progress } from "./progress.js";
import { Uploads } from "./uploads.js";

export const uploads = new Uploads();

/** @type {HTMLElement | null} */
let panel = null;
/** @type {Progress | null} */
let progress = null;

uploads.addEventListener("begin", () => {
  // One that is there may be about an earlier run, which has ended.
  shut();
  open();
});
uploads.addEventListener("change", () => {
  const { isRunning, wasStopped, failures } = uploads;
  // Whoever has closed it is told what was not stored all the same.
  if (panel === null && !isRunning && !wasStopped && failures.length > 0) open();
  if (panel !== null) draw();
});
// Whoever signs out has made up his mind.
window.addEventListener("beforeunload", (event) => uploads.isRunning && session() !== null && event.preventDefault());

function open() {
  progress = new Progress(t("upload.title"), () => uploads.stop());
  const close = h("button", { class: "quiet", type: "button", "aria-label": t("close"), on: { click: shut } }, icon("close"));
  panel = h("section", { class: "float", "aria-label": t("upload.title") }, h("div", { class: "dialog-head" }, h("h2", {}, t("upload.title")), close), progress.element);
  document.body.append(panel);
}

function shut() {
  panel?.remove();
  panel = null;
}

function draw() {
  const { done, total, bytesDone, bytesTotal, failures, isRunning, wasStopped } = uploads;
  const share = bytesTotal > 0 ? bytesDone / bytesTotal : done / Math.max(total, 1);
  const counts = { done: number(done), total: number(total), size: size(bytesDone) };
  if (isRunning) progress?.set(share, t(wasStopped ? "upload.stopping" : "upload.running", counts));
  else progress?.end(t(wasStopped ? "upload.stopped" : failures.length > 0 ? "upload.some" : "upload.done", counts), failed(failures));
}

/** @param {import("./uploads.js").Failure[]} failures */
function failed(failures) {
  return failures.length > 0 && h("ul", { class: "failures" }, failures.slice(0, 20).map(({ key, error }) => h("li", {}, h("b", {}, key), " ", explain(error).what)));
}
