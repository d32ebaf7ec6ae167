/** What was used: by day, by key, by bucket, as the metering has it. */

import { ObjectService } from "../api/oss.js";
import { h, show } from "../dom.js";
import { bar } from "../faces/bars.js";
import { number, size, t } from "../i18n.js";
import { attempt, empty, heading, problemBox, waiting } from "../page.js";
import { dayChart, daysBetween, table } from "../parts/chart.js";
import { icon } from "../parts/icons.js";
import { session } from "../session.js";

const DAYS = 30;
const REQUESTS = ["get_requests", "head_requests", "put_requests", "list_requests", "delete_requests", "imm_requests", "other_requests"];
const FAILURES = ["denied", "missing", "refused", "failed"];

/** @typedef {Record<string, any>} Row */

/** All requests of a row that succeeded. @param {Row} row */
function requestsOf(row) {
  return sum(row, REQUESTS);
}

/** @type {import("../page.js").Open} */
export async function open({ main, signal }) {
  const objects = new ObjectService(/** @type {any} */ (session()));
  const [to, from] = [today(), today(1 - DAYS)];
  const body = h("div", {}, waiting());
  const form = h(
    "form",
    { class: "usage-tools", "aria-label": t("usage.range") },
    h("label", {}, t("usage.from"), h("input", { type: "date", name: "from", required: true, value: from, max: to })),
    h("label", {}, t("usage.to"), h("input", { type: "date", name: "to", required: true, value: to, max: to })),
    h("button", { type: "submit" }, t("usage.show")),
  );
  const range = () => /** @type {{from: string, to: string}} */ (Object.fromEntries(new FormData(/** @type {HTMLFormElement} */ (form))));
  let last = new AbortController();
  signal.addEventListener("abort", () => last.abort());
  const draw = () => {
    // What was asked before must not be drawn over what is asked now.
    last.abort();
    last = new AbortController();
    const own = last.signal;
    return attempt(body, () => fill(body, objects, range(), own));
  };
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    draw();
  });
  const csv = h("button", { type: "button", on: { click: () => download(body, objects, range()) } }, icon("download"), t("usage.csv"));
  show(main, heading(t("nav.usage"), csv), form, body);
  await draw();
}

/** @param {Element} body @param {ObjectService} objects @param {{from: string, to: string}} range @param {AbortSignal} signal */
async function fill(body, objects, range, signal) {
  const ask = async (/** @type {string} */ by) => JSON.parse(await objects.ask("usage", { ...range, by }, signal));
  const byDay = await ask("day");
  const [byKey, byBucket] = await Promise.all([ask("key"), ask("bucket")]);
  if (signal.aborted) return;
  if (byDay.rows.length === 0) {
    show(body, empty(t("usage.none"), t("usage.none.do")));
    return;
  }
  show(body, h("div", { class: "stack" }, totals(byDay.total), charts(byDay), groups("access_key_id", byKey.rows), groups("bucket", byBucket.rows), h("p", { class: "hint" }, t("usage.exact"))));
}

/** @param {Row} total */
function totals(total) {
  const told = [
    ["image_detect", number(total.image_detect)],
    ["image_compare", number(total.image_compare)],
    ["requests", number(requestsOf(total))],
    ["not_done", number(sum(total, FAILURES))],
    ["bytes_out", size(total.bytes_out)],
    ["source_bytes", size(total.source_bytes)],
  ];
  return h("dl", { class: "totals" }, told.map(([name, value]) => h("div", { class: "card total", "data-total": name }, h("dt", { class: "hint" }, t(`usage.${name}`)), h("dd", {}, h("b", {}, value)))));
}

/** @param {{from: string, to: string, rows: Row[]}} byDay */
function charts({ from, to, rows }) {
  const days = daysBetween(from, to);
  const of = (/** @type {(row: Row) => number} */ read) => new Map(rows.map((row) => [row.day, read(row)]));
  const drawn = [
    { name: "image_detect", values: of((row) => row.image_detect), write: undefined, base: 0 },
    { name: "requests", values: of(requestsOf), write: undefined, base: 0 },
    { name: "bytes_out", values: of((row) => row.bytes_out), write: size, base: 1024 },
  ];
  const cards = drawn.map(({ name, values, write, base }) => h("section", { class: "card" }, h("h2", {}, t(`usage.${name}`)), dayChart({ title: t("usage.per_day", { what: t(`usage.${name}`) }), days, values, write, base })));
  const lines = rows.map((row) => [row.day, row.image_detect, requestsOf(row), sum(row, FAILURES), size(row.bytes_out)]);
  const heads = ["day", "image_detect", "requests", "not_done", "bytes_out"].map((name) => t(`usage.${name}`));
  return [h("div", { class: "two" }, cards), h("details", { class: "card" }, h("summary", {}, t("usage.numbers")), table(t("usage.numbers"), heads, lines))];
}

/** @param {"access_key_id" | "bucket"} name @param {Row[]} rows */
function groups(name, rows) {
  const most = Math.max(1, ...rows.map(requestsOf));
  const lines = [...rows]
    .sort((a, b) => requestsOf(b) - requestsOf(a))
    .map((row) => [row[name] || t(`usage.no_${name}`), bar(requestsOf(row) / most), requestsOf(row), row.image_detect, sum(row, FAILURES), size(row.bytes_out)]);
  const heads = [name, "share", "requests", "image_detect", "not_done", "bytes_out"].map((head) => t(`usage.${head}`));
  return h("section", { class: "card", "data-by": name }, h("h2", {}, t(`usage.by_${name}`)), table(t(`usage.by_${name}`), heads, lines));
}

/** @param {Element} body @param {ObjectService} objects @param {{from: string, to: string}} range */
async function download(body, objects, range) {
  try {
    const text = await objects.ask("usage", { ...range, by: "day,key,bucket,operation", format: "csv" });
    const url = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
    h("a", { href: url, download: `usage-${range.from}-${range.to}.csv` }).click();
    setTimeout(() => URL.revokeObjectURL(url), 10_000);
  } catch (error) {
    body.prepend(problemBox(error));
  }
}

/** @param {Row} row @param {string[]} names */
function sum(row, names) {
  return names.reduce((all, name) => all + row[name], 0);
}

/** A day in UTC, as the metering counts them. @param {number} [offset] days */
function today(offset = 0) {
  return new Date(Date.now() + offset * 86_400_000).toISOString().slice(0, 10);
}
