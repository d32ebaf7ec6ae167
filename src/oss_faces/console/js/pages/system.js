/** How the server is: health, times, networks with their cards and figures, limits. */

import { ObjectService } from "../api/oss.js";
import { h, show } from "../dom.js";
import { dateTime, language, number, percent, t, tOr } from "../i18n.js";
import { attempt, heading, waiting } from "../page.js";
import { table } from "../parts/chart.js";
import { markdown } from "../parts/markdown.js";
import { session } from "../session.js";

const STAGES = ["queue", "read", "decode", "detect", "analyse", "embed", "search", "render"];

/** @type {import("../page.js").Open} */
export async function open({ main, signal, redraw }) {
  const objects = new ObjectService(/** @type {any} */ (session()));
  const body = h("div", {}, waiting());
  show(main, heading(t("nav.system"), h("button", { type: "button", on: { click: redraw } }, t("refresh"))), body);
  await attempt(body, async () => {
    const system = JSON.parse(await objects.ask("system", {}, signal));
    show(
      body,
      h(
        "div",
        { class: "stack" },
        health(system),
        h("div", { class: "two" }, times(t("system.stages"), inOrder(system.stages), (name) => t(`stage.${name}`)), times(t("system.operations"), system.operations, (name) => name)),
        h("h2", {}, t("system.models")),
        system.models.map(model),
        figures(system.fields),
        recognition(system.recognition),
        limits(system.limits),
      ),
    );
  });
}

/** @param {any} system */
function health({ version, started, health: found, pictures }) {
  const checks = Object.entries(found.checks).map(([name, state]) => h("span", { class: state === "ok" ? "ok" : "fault" }, `${t(`check.${name}`)}: ${tOr(`state.${state}`, state)}`));
  return h(
    "section",
    { class: "card model", "data-ready": found.ready },
    h("h2", {}, t(found.ready ? "system.ready" : "system.not_ready")),
    h("div", { class: "health" }, checks),
    h("p", { class: "hint" }, t("system.version", { version, started: dateTime(started) }), " ", t("system.pictures", { running: number(pictures.running), waiting: number(pictures.waiting) })),
  );
}

/** Stages in the order in which a picture meets them. @param {{name: string}[]} stages */
function inOrder(stages) {
  return [...stages].sort((a, b) => STAGES.indexOf(a.name) - STAGES.indexOf(b.name));
}

/** @param {string} title @param {any[]} rows @param {(name: string) => string} word */
function times(title, rows, word) {
  const ms = (/** @type {number | null} */ value) => (value === null ? "–" : value);
  const lines = rows.map((row) => [word(row.name), row.count, ms(row.p50_ms), ms(row.p95_ms), ms(row.mean_ms)]);
  const heads = ["name", "count", "p50", "p95", "mean"].map((head) => t(`system.${head}`));
  return h("section", { class: "card" }, h("h2", {}, title), rows.length > 0 ? table(title, heads, lines) : h("p", { class: "hint" }, t("system.nothing_yet")));
}

/** @param {any} model */
function model({ name, version, sha256, licence, origin, input, output, card }) {
  const facts = [["licence", licence], ["origin", origin], ["input", input], ["output", output], ["sha256", sha256]].filter(([, value]) => value);
  return h(
    "section",
    { class: "card model" },
    h("h2", {}, name, h("small", {}, version)),
    h("div", { class: "scroll" }, h("table", {}, h("caption", { class: "unseen" }, name), h("tbody", {}, facts.map(([key, value]) => h("tr", {}, h("th", { scope: "row" }, t(`model.${key}`)), h("td", {}, value)))))),
    card && h("details", {}, h("summary", {}, t("model.card")), h("div", { class: "model-card", lang: "en", tabindex: "0", role: "region", "aria-label": card.title }, markdown(card.text))),
  );
}

/** @param {any[]} fields */
function figures(fields) {
  const isChinese = language() === "zh-TW";
  const lines = fields.flatMap((field) => field.figures.map((/** @type {any} */ one) => [field.name, isChinese ? one.zh : one.en, `${written(one.value, one.unit)} (${written(one.low, one.unit)} – ${written(one.high, one.unit)})`, one.n, one.set]));
  const heads = ["field", "measured", "value", "number", "set"].map((head) => t(`figures.${head}`));
  return h("details", { class: "card" }, h("summary", {}, t("system.figures")), table(t("system.figures"), heads, lines));
}

/** @param {number} value @param {string} unit */
function written(value, unit) {
  if (unit === "degrees") return `${number(value, 1)}°`;
  return unit === "years" ? number(value, 1) : number(value, 3);
}

/** @param {any} found */
function recognition({ space, similarity_min: least, false_positives_max: most, false_match_rates: rates }) {
  const lines = rates.filter((/** @type {number[]} */ [similarity]) => Math.abs(similarity * 20 - Math.round(similarity * 20)) < 1e-9).map((/** @type {number[]} */ [similarity, rate]) => [similarity, rate > 0 ? t("similarity.one_in", { one_in: number(Math.round(1 / rate)) }) : percent(0)]);
  return h(
    "details",
    { class: "card" },
    h("summary", {}, t("system.recognition")),
    h("p", { class: "hint" }, t("system.decision", { space, least: number(least, 3), most: number(most, 4) })),
    table(t("system.recognition"), [t("similarity.title"), t("similarity.strangers")], lines),
  );
}

/** @param {Record<string, Record<string, unknown>>} sections */
function limits(sections) {
  const lines = Object.entries(sections).flatMap(([section, values]) => Object.entries(values).map(([name, value]) => [`${section}.${name}`, typeof value === "object" ? JSON.stringify(value) : String(value)]));
  return h("details", { class: "card" }, h("summary", {}, t("system.limits")), table(t("system.limits"), [t("limits.name"), t("limits.value")], lines));
}
