/** What is in a bucket: folders and tiles, uploading by drag, choosing and deleting. */

import { ObjectService } from "../api/oss.js";
import { explain } from "../api/problem.js";
import { h, show } from "../dom.js";
import { number, size, t } from "../i18n.js";
import { attempt, empty, heading, waiting } from "../page.js";
import { icon } from "../parts/icons.js";
import { each } from "../parts/pool.js";
import { later, toast } from "../parts/toasts.js";
import { Thumbnails, looksLikePicture } from "../parts/thumbnails.js";
import { uploads } from "../parts/upload_panel.js";
import { droppedFiles } from "../parts/uploads.js";
import { VirtualGrid } from "../parts/virtual_grid.js";
import { href } from "../router.js";
import { session } from "../session.js";

const THUMBNAIL = "image/auto-orient,1/resize,m_fill,w_240,h_240/format,webp/quality,Q_70";
const DELETED_AT_A_TIME = 6;

/** @typedef {import("../api/oss.js").Listed} Listed */

/** @type {import("../page.js").Open} */
export async function open({ main, parts, signal }) {
  const [bucket, ...rest] = parts;
  await new ObjectsPage(main, bucket, rest.join("/"), signal).start();
}

class ObjectsPage {
  /** @param {HTMLElement} main @param {string} bucket @param {string} prefix @param {AbortSignal} signal */
  constructor(main, bucket, prefix, signal) {
    this.main = main;
    this.bucket = bucket;
    this.prefix = prefix;
    this.signal = signal;
    this.objects = new ObjectService(/** @type {any} */ (session()));
    this.thumbnails = new Thumbnails(this.objects);
    /** @type {Listed[]} */
    this.listed = [];
    /** @type {Set<string>} */
    this.hidden = new Set();
    /** @type {Set<string>} */
    this.chosen = new Set();
    this.token = "";
    this.isWhole = false;
    this.isLoading = false;
    this.round = 0;
    this.state = h("div", {}, waiting());
    this.count = h("p", { class: "hint", role: "status" });
    this.bar = h("div", { class: "choice-bar", hidden: true });
    const draw = (/** @type {Listed} */ entry, /** @type {AbortSignal} */ gone) => this.#tile(entry, gone);
    this.grid = new VirtualGrid(
      { label: t("objects.list"), tileWidthMin: 168, tileHeight: 208, draw, onNearEnd: () => this.#more() },
      signal,
    );
    signal.addEventListener("abort", () => this.thumbnails.close());
  }

  async start() {
    show(this.main, heading(this.prefix ? lastPart(this.prefix) : this.bucket, this.#uploadButton()), this.#crumbs(), this.count, this.bar, this.grid.element, this.state);
    this.#acceptDrops();
    this.#follow();
    await this.#more();
  }

  /** Read the next page, if there is one. */
  async #more() {
    if (this.isWhole || this.isLoading || this.signal.aborted) return;
    this.isLoading = true;
    const { round } = this;
    await attempt(this.state, async () => {
      const page = await this.objects.list(this.bucket, this.prefix, { token: this.token, signal: this.signal });
      if (round !== this.round) return;
      this.listed.push(...page.entries.filter((entry) => entry.key !== this.prefix));
      this.token = page.token;
      this.isWhole = !page.token;
      show(this.state);
      this.isLoading = false;
      this.#show();
    });
    if (round === this.round) this.isLoading = false;
  }

  /** Begin anew, after something was stored. A page that is on its way is one of the old list. */
  async #reload() {
    this.round += 1;
    this.isLoading = false;
    this.listed = [];
    this.token = "";
    this.isWhole = false;
    await this.#more();
  }

  #show() {
    const entries = this.listed.filter((entry) => !this.hidden.has(entry.key));
    this.grid.setItems(entries);
    const bytes = entries.reduce((sum, entry) => sum + (entry.kind === "object" ? entry.size : 0), 0);
    show(this.count, entries.length > 0 && t(this.isWhole ? "objects.count" : "objects.count_more", { count: number(entries.length), size: size(bytes) }));
    if (entries.length === 0 && this.isWhole) show(this.state, empty(t("objects.none"), t("objects.none.do")));
    else if (this.isWhole) show(this.state);
  }

  /** @param {Listed} entry @param {AbortSignal} gone */
  #tile(entry, gone) {
    const name = entry.key.slice(this.prefix.length);
    if (entry.kind === "folder") {
      return [h("a", { class: "tile-link", href: href("objects", this.bucket, ...entry.key.split("/")), title: name }, h("span", { class: "thumb" }, icon("folder")), h("span", { class: "tile-name" }, name))];
    }
    const wanted = { bucket: this.bucket, key: entry.key, process: THUMBNAIL, version: entry.etag };
    const picture = looksLikePicture(entry.key) ? this.thumbnails.element(wanted, gone) : h("span", { class: "thumb" }, icon("file"));
    const check = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", class: "tile-check", "aria-label": t("objects.choose", { name }) }));
    check.checked = this.chosen.has(entry.key);
    check.addEventListener("change", () => {
      if (check.checked) this.chosen.add(entry.key);
      else this.chosen.delete(entry.key);
      this.#drawBar();
    });
    const link = h("a", { class: "tile-link", href: href("picture", this.bucket, ...entry.key.split("/")), title: name }, picture, h("span", { class: "tile-name" }, name), h("span", { class: "tile-size" }, size(entry.size)));
    return [link, check];
  }

  #drawBar() {
    this.bar.hidden = this.chosen.size === 0;
    const none = () => {
      this.chosen.clear();
      this.grid.refresh();
      this.#drawBar();
    };
    show(
      this.bar,
      h("span", { role: "status" }, t("objects.chosen", { count: number(this.chosen.size) })),
      h("button", { type: "button", on: { click: none } }, t("objects.choose_none")),
      h("button", { class: "danger", type: "button", on: { click: () => this.#remove() } }, icon("trash"), t("delete")),
    );
  }

  /** Hide what was chosen, and delete it when nobody takes that back. */
  #remove() {
    const keys = [...this.chosen];
    this.chosen.clear();
    for (const key of keys) this.hidden.add(key);
    this.#drawBar();
    this.#show();
    const undo = () => {
      for (const key of keys) this.hidden.delete(key);
      this.#show();
    };
    later(t("objects.deleted", { count: number(keys.length) }), () => this.#removeNow(keys), undo);
  }

  /** @param {string[]} keys */
  async #removeNow(keys) {
    /** @type {unknown[]} */
    const errors = [];
    await each(keys, DELETED_AT_A_TIME, async (key) => {
      try {
        await this.objects.remove(this.bucket, key);
        this.listed = this.listed.filter((entry) => entry.key !== key);
      } catch (error) {
        errors.push(error);
        this.hidden.delete(key);
      }
    });
    if (errors.length > 0) toast(`${t("objects.not_deleted", { count: number(errors.length) })} ${explain(errors[0]).what}`);
    if (!this.signal.aborted) this.#show();
  }

  #uploadButton() {
    const input = /** @type {HTMLInputElement} */ (h("input", { type: "file", multiple: true, hidden: true, "aria-hidden": "true", tabindex: "-1" }));
    input.addEventListener("change", () => {
      this.#store([...(input.files ?? [])].map((file) => ({ file, path: file.name })));
      input.value = "";
    });
    return [h("button", { class: "primary", type: "button", on: { click: () => input.click() } }, icon("upload"), t("objects.upload")), input];
  }

  #acceptDrops() {
    const { signal } = this;
    const over = (/** @type {DragEvent} */ event) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      event.preventDefault();
      this.main.classList.add("dropping");
      this.main.dataset.drop = t("objects.drop");
    };
    const end = () => this.main.classList.remove("dropping");
    window.addEventListener("dragover", over, { signal });
    window.addEventListener("dragleave", (event) => event.relatedTarget === null && end(), { signal });
    window.addEventListener(
      "drop",
      async (event) => {
        event.preventDefault();
        end();
        if (event.dataTransfer) this.#store(await droppedFiles(event.dataTransfer));
      },
      { signal },
    );
  }

  /** @param {{file: File, path: string}[]} files */
  #store(files) {
    if (files.length > 0) uploads.add(this.objects, this.bucket, files.map(({ file, path }) => ({ file, key: this.prefix + path })));
  }

  /** Show what was stored when an upload ends. */
  #follow() {
    let wasRunning = uploads.isRunning;
    const look = () => {
      if (wasRunning && !uploads.isRunning) attempt(this.state, () => this.#reload());
      wasRunning = uploads.isRunning;
    };
    uploads.addEventListener("change", look, { signal: this.signal });
  }

  #crumbs() {
    const names = this.prefix.split("/").filter(Boolean);
    return h(
      "nav",
      { class: "crumbs", "aria-label": t("objects.path") },
      h("a", { href: href("buckets") }, t("nav.buckets")),
      h("a", { href: href("objects", this.bucket), "aria-current": names.length === 0 ? "page" : null }, this.bucket),
      names.map((name, index) => h("a", { href: href("objects", this.bucket, ...names.slice(0, index + 1), ""), "aria-current": index === names.length - 1 ? "page" : null }, name)),
    );
  }
}

/** @param {string} prefix */
function lastPart(prefix) {
  return prefix.split("/").filter(Boolean).at(-1) ?? prefix;
}
