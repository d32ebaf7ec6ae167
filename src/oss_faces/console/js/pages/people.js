/** The people of a dataset: everyone who was found, and what can be done with all of them. */

import { MediaService } from "../api/imm.js";
import { ObjectService } from "../api/oss.js";
import { h, show } from "../dom.js";
import { number, t } from "../i18n.js";
import { attempt, empty, heading, problemBox, waiting } from "../page.js";
import { askText } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { Thumbnails } from "../parts/thumbnails.js";
import { toast } from "../parts/toasts.js";
import { VirtualGrid } from "../parts/virtual_grid.js";
import { choose, chosenOf, datasets, makeDataset, nameOf, refOf } from "../people/datasets.js";
import { askForPictures, readPictures } from "../people/index_dialog.js";
import { offerUndo } from "../people/merging.js";
import { openSearch } from "../people/search_dialog.js";
import { faceTile } from "../people/tiles.js";
import { href } from "../router.js";
import { session } from "../session.js";

/** @type {import("../page.js").Open} */
export async function open({ main, signal, redraw }) {
  const who = /** @type {import("../session.js").Session} */ (session());
  const services = { media: new MediaService(who), objects: new ObjectService(who) };
  const body = h("div", {}, waiting());
  show(main, heading(t("nav.people")), body);
  await attempt(body, async () => {
    const found = await datasets(services.media, signal);
    const chosen = chosenOf(found);
    const make = h("button", { type: "button", class: chosen ? "" : "primary", on: { click: () => askForDataset(services.media, redraw) } }, icon("plus"), t("dataset.make"));
    if (!chosen) show(body, empty(t("dataset.none"), t("dataset.none.do"), make));
    else await new PeoplePage(main, services, refOf(chosen), signal, redraw).start(datasetChoice(found, chosen, redraw), make);
  });
}

class PeoplePage {
  /**
   * @param {HTMLElement} main @param {import("../people/indexing.js").Services} services @param {import("../people/datasets.js").Ref} ref
   * @param {AbortSignal} signal @param {() => Promise<void>} redraw
   */
  constructor(main, services, ref, signal, redraw) {
    this.main = main;
    this.services = services;
    this.ref = ref;
    this.signal = signal;
    this.redraw = redraw;
    this.thumbnails = new Thumbnails(services.objects);
    /** @type {any[]} */
    this.people = [];
    /** @type {Map<string, any>} */
    this.chosen = new Map();
    this.token = "";
    this.total = 0;
    this.isWhole = false;
    this.isLoading = false;
    this.round = 0;
    this.work = h("div", {});
    this.count = h("p", { class: "hint", role: "status" });
    this.bar = h("div", { class: "choice-bar", hidden: true });
    this.state = h("div", {}, waiting());
    const draw = (/** @type {any} */ person, /** @type {AbortSignal} */ gone) => this.#tile(person, gone);
    this.grid = new VirtualGrid({ label: t("nav.people"), tileWidthMin: 152, tileHeight: 212, draw, onNearEnd: () => this.#more() }, signal);
    signal.addEventListener("abort", () => this.thumbnails.close());
  }

  /** @param {...Node} tools */
  async start(...tools) {
    const { services, ref, signal } = this;
    const add = h("button", { class: "primary", type: "button", on: { click: () => askForPictures(services, (place) => this.#read(place), signal) } }, icon("plus"), t("index.open"));
    const search = h("button", { type: "button", on: { click: () => openSearch(services, ref, signal) } }, icon("search"), t("search.open"));
    show(this.main, heading(t("nav.people"), search, add), h("div", { class: "people-tools" }, tools), this.work, this.count, this.bar, this.grid.element, this.state);
    await this.#more();
  }

  async #more() {
    if (this.isWhole || this.isLoading || this.signal.aborted) return;
    this.isLoading = true;
    const { round } = this;
    await attempt(this.state, async () => {
      const asked = { ...this.ref, Sort: "FaceCount", Order: "desc", MaxResults: 100, WithTotalCount: true, NextToken: this.token || undefined };
      const page = await this.services.media.call("QueryFigureClusters", asked, { signal: this.signal });
      if (round !== this.round) return;
      this.people.push(...page.FigureClusters);
      this.total = page.TotalCount ?? this.people.length;
      this.token = page.NextToken ?? "";
      this.isWhole = !this.token;
      show(this.state);
      this.isLoading = false;
      this.#show();
    });
    if (round === this.round) this.isLoading = false;
  }

  #show() {
    this.grid.setItems(this.people);
    show(this.count, this.people.length > 0 && t("people.count", { count: number(this.total) }));
    if (this.people.length === 0) show(this.state, empty(t("people.none"), t("people.none.do")));
  }

  /** @param {any} person @param {AbortSignal} gone */
  #tile(person, gone) {
    const name = person.Name || t("people.unnamed");
    const cover = person.Cover && { ...person.Cover, Boundary: person.Cover.Figures[0].Boundary };
    const check = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", class: "tile-check", "aria-label": t("people.choose", { name }) }));
    check.checked = this.chosen.has(person.ObjectId);
    check.addEventListener("change", () => {
      if (check.checked) this.chosen.set(person.ObjectId, person);
      else this.chosen.delete(person.ObjectId);
      this.#drawBar();
    });
    const link = h(
      "a",
      { class: "tile-link", href: href("person", this.ref.ProjectName, this.ref.DatasetName, person.ObjectId) },
      cover ? faceTile(this.thumbnails, cover, gone) : h("span", { class: "thumb" }, icon("people")),
      h("span", { class: person.Name ? "tile-name" : "tile-name unnamed" }, name),
      h("span", { class: "tile-size" }, t("people.faces", { count: number(person.FaceCount) })),
    );
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
      h("span", { role: "status" }, t("people.chosen", { count: number(this.chosen.size) })),
      h("button", { type: "button", on: { click: none } }, t("objects.choose_none")),
      h("button", { type: "button", disabled: this.chosen.size < 2, on: { click: () => this.#merge() } }, t("people.merge")),
    );
  }

  /** Keep the one with a name, or else with the most faces. */
  async #merge() {
    const all = [...this.chosen.values()].sort((a, b) => Number(Boolean(b.Name)) - Number(Boolean(a.Name)) || b.FaceCount - a.FaceCount);
    const { media } = this.services;
    show(this.bar, h("span", { role: "status" }, t("people.merging")));
    await attempt(this.bar, async () => {
      const asked = { ...this.ref, To: all[0].ObjectId, Froms: all.slice(1).map(({ ObjectId }) => ObjectId) };
      const { TaskId } = await media.call("CreateFigureClustersMergingTask", asked, { signal: this.signal });
      const task = await media.ended(this.ref.ProjectName, TaskId, this.signal);
      offerUndo(media, this.ref, task.Result.MergeId, t("people.merged", { count: number(all.length) }), this.redraw);
      await this.redraw();
    });
  }

  /** @param {{bucket: string, prefix: string}} place */
  async #read(place) {
    await readPictures(this.work, this.services, this.ref, place, this.signal);
    if (this.signal.aborted) return;
    // A page that is on its way is one of the old list.
    this.round += 1;
    this.isLoading = false;
    this.people = [];
    this.token = "";
    this.isWhole = false;
    await this.#more();
  }
}

/** @param {any[]} found @param {any} chosen @param {() => Promise<void>} redraw */
function datasetChoice(found, chosen, redraw) {
  const options = found.map((one) => h("option", { value: nameOf(one), selected: one === chosen }, nameOf(one)));
  const select = /** @type {HTMLSelectElement} */ (h("select", {}, options));
  select.addEventListener("change", async () => {
    choose(found[select.selectedIndex]);
    await redraw();
  });
  return h("label", {}, t("dataset.one"), select);
}

/** @param {MediaService} media @param {() => Promise<void>} redraw */
function askForDataset(media, redraw) {
  const words = { title: t("dataset.make"), label: t("dataset.name"), hint: t("dataset.hint"), action: t("create") };
  const use = async (/** @type {string} */ name) => {
    choose(await makeDataset(media, name));
    toast(t("dataset.made", { name }));
    await redraw();
  };
  askText(words, use, problemBox);
}
