/** All buckets. */

import { ObjectService } from "../api/oss.js";
import { Problem, explain } from "../api/problem.js";
import { h, show } from "../dom.js";
import { dateTime, number, t } from "../i18n.js";
import { attempt, empty, heading, problemBox, waiting } from "../page.js";
import { askText } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { later, toast } from "../parts/toasts.js";
import { go, here, href } from "../router.js";
import { session } from "../session.js";

/** @type {import("../page.js").Open} */
export async function open({ main, redraw }) {
  const objects = new ObjectService(/** @type {any} */ (session()));
  const body = h("div", {}, waiting());
  const create = h("button", { class: "primary", type: "button", on: { click: () => askForBucket(objects) } }, icon("plus"), t("buckets.create"));
  show(main, heading(t("nav.buckets"), create), body);
  await attempt(body, async () => {
    let buckets;
    try {
      buckets = await objects.buckets();
    } catch (error) {
      if (!(error instanceof Problem && error.code === "AccessDenied")) throw error;
      show(body, empty(t("buckets.not_listed"), t("buckets.not_listed.do"), byName()));
      return;
    }
    if (buckets.length === 0) show(body, empty(t("buckets.none"), t("buckets.none.do")));
    else show(body, h("p", { class: "hint" }, t("buckets.count", { count: number(buckets.length) })), h("ul", { class: "cards" }, buckets.map((bucket) => card(objects, bucket, redraw))));
  });
}

/** @param {ObjectService} objects @param {import("../api/oss.js").Bucket} bucket @param {() => Promise<void>} redraw */
function card(objects, bucket, redraw) {
  const item = h("li", { class: "card bucket" });
  const remove = () => {
    item.hidden = true;
    item.querySelector(".problem")?.remove();
    const act = async () => {
      try {
        await objects.deleteBucket(bucket.name);
        // Another page may be open by now, with work of its own.
        if (["", "buckets"].includes(here().page)) await redraw();
      } catch (error) {
        item.hidden = false;
        if (item.isConnected) item.append(problemBox(error));
        else toast(`${bucket.name}: ${explain(error).what}`);
      }
    };
    later(t("buckets.deleted", { name: bucket.name }), act, () => (item.hidden = false));
  };
  const label = t("buckets.delete", { name: bucket.name });
  item.append(
    h("a", { class: "bucket-link", href: href("objects", bucket.name) }, icon("folder"), h("span", {}, h("b", {}, bucket.name), h("small", {}, t("buckets.since", { date: dateTime(bucket.created) })))),
    h("button", { class: "quiet", type: "button", title: label, "aria-label": label, on: { click: remove } }, icon("trash")),
  );
  return item;
}

/** @param {ObjectService} objects */
function askForBucket(objects) {
  const words = { title: t("buckets.create"), label: t("buckets.name"), hint: t("buckets.rule"), action: t("create") };
  const use = async (/** @type {string} */ name) => {
    await objects.createBucket(name);
    go("objects", name);
  };
  askText(words, use, problemBox);
}

/** For keys that may not list buckets. */
function byName() {
  const input = /** @type {HTMLInputElement} */ (h("input", { required: true, "aria-label": t("buckets.name"), placeholder: t("buckets.name") }));
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    go("objects", input.value.trim());
  };
  return h("form", { class: "row", on: { submit } }, input, h("button", { class: "primary", type: "submit" }, t("open")));
}
