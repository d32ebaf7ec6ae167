/** Forgetting a person: asked once, done for good, with the receipt to keep. */

import { explain } from "../api/problem.js";
import { h, show } from "../dom.js";
import { dateTime, number, size, t } from "../i18n.js";
import { problemBox } from "../page.js";
import { openDialog } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { toast } from "../parts/toasts.js";
import { go } from "../router.js";

/** @param {import("../api/imm.js").MediaService} media @param {import("./datasets.js").Ref} ref @param {any} person */
export function askToForget(media, ref, person) {
  const name = person.Name || t("people.unnamed");
  openDialog(t("forget.title", { name }), (close) => {
    const body = h("div", { class: "receipt" });
    const forget = h("button", { class: "danger", type: "button" }, t("forget.do"));
    const cancel = h("button", { type: "button", on: { click: close } }, t("cancel"));
    // A dialog is closed some time before it goes from the page.
    const isShown = () => body.closest("dialog")?.open ?? false;
    forget.addEventListener("click", async () => {
      show(body, h("p", { role: "status" }, t("forget.running")));
      try {
        const answer = await media.call("ForgetFigureCluster", { ...ref, ObjectId: person.ObjectId });
        if (isShown()) show(body, receipt(answer, close));
        // Closed meanwhile; nobody gets this receipt a second time.
        else openDialog(t("receipt.title"), (shut) => h("div", { class: "receipt" }, receipt(answer, shut)));
      } catch (error) {
        if (isShown()) show(body, problemBox(error));
        else toast(explain(error).what);
      }
    });
    show(body, h("p", {}, t("forget.what", { faces: number(person.FaceCount), images: number(person.ImageCount) })), h("p", { class: "hint" }, t("forget.stays")), h("div", { class: "row end" }, cancel, forget));
    return body;
  });
}

/** @param {any} answer @param {() => void} close */
function receipt({ Receipt: told, StoredURIs: uris, SearchFailure: failure }, close) {
  const found = told.Search?.FoundIn ?? 0;
  const rows = [
    ["receipt.id", told.ReceiptId],
    ["receipt.time", dateTime(told.EraseTime)],
    ["receipt.erased", t("receipt.counts", { faces: number(told.FigureCount), files: number(told.FileCount), vectors: number(told.VectorDigests.length) })],
    ["receipt.log", `${told.LogEntry.Number} · ${told.LogEntry.Digest.slice(0, 16)}…`],
    told.Search && ["receipt.search", t("receipt.searched", { files: number(told.Search.FileCount), size: size(told.Search.Size), found: number(found) })],
  ].filter(Boolean);
  const isClean = found === 0 && !failure;
  const leave = () => {
    close();
    go("people");
  };
  return [
    isClean ? h("p", { role: "status" }, h("b", {}, t("receipt.clean"))) : h("div", { class: "problem", role: "alert" }, h("p", { class: "problem-what" }, t("receipt.fault")), failure && h("p", {}, failure)),
    h("div", { class: "scroll" }, h("table", {}, h("caption", { class: "unseen" }, t("receipt.title")), h("tbody", {}, rows.map(([key, value]) => h("tr", {}, h("th", { scope: "row" }, t(key)), h("td", {}, value)))))),
    uris.length > 0 && h("details", {}, h("summary", {}, t("receipt.stored", { count: number(uris.length) })), h("ul", { class: "failures" }, uris.map((/** @type {string} */ uri) => h("li", {}, uri)))),
    h("div", { class: "row end" }, h("button", { type: "button", on: { click: () => keep(told) } }, icon("download"), t("receipt.save")), h("button", { class: "primary", type: "button", on: { click: leave } }, t("close"))),
  ];
}

/** @param {any} told */
function keep(told) {
  const url = URL.createObjectURL(new Blob([`${JSON.stringify(told, null, 2)}\n`], { type: "application/json" }));
  h("a", { href: url, download: `receipt-${told.ReceiptId}.json` }).click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
