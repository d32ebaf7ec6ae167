/** One person: all faces, the name, taking faces out, forgetting. */

import { MediaService } from "../api/imm.js";
import { ObjectService } from "../api/oss.js";
import { h, show } from "../dom.js";
import { number, percent, t } from "../i18n.js";
import { attempt, heading, problemBox, waiting } from "../page.js";
import { askText } from "../parts/dialog.js";
import { icon } from "../parts/icons.js";
import { Thumbnails } from "../parts/thumbnails.js";
import { toast } from "../parts/toasts.js";
import { VirtualGrid } from "../parts/virtual_grid.js";
import { askToForget } from "../people/forget_dialog.js";
import { faceTile, objectOf } from "../people/tiles.js";
import { go, href } from "../router.js";
import { session } from "../session.js";

/** @type {import("../page.js").Open} */
export async function open({ main, parts, signal, redraw }) {
  const [ProjectName, DatasetName, ObjectId] = parts;
  const body = h("div", {}, waiting());
  show(main, body);
  await attempt(body, () => new PersonPage(main, { ProjectName, DatasetName }, ObjectId, signal, redraw).start());
}

class PersonPage {
  /**
   * @param {HTMLElement} main @param {import("../people/datasets.js").Ref} ref @param {string} id @param {AbortSignal} signal
   * @param {() => Promise<void>} redraw
   */
  constructor(main, ref, id, signal, redraw) {
    const who = /** @type {import("../session.js").Session} */ (session());
    this.main = main;
    this.asked = { ...ref, ObjectId: id };
    this.ref = ref;
    this.signal = signal;
    this.redraw = redraw;
    this.media = new MediaService(who);
    this.thumbnails = new Thumbnails(new ObjectService(who));
    this.person = /** @type {any} */ ({});
    /** @type {any[]} */
    this.faces = [];
    /** @type {Set<string>} */
    this.chosen = new Set();
    this.token = "";
    this.isWhole = false;
    this.isLoading = false;
    this.bar = h("div", { class: "choice-bar", hidden: true });
    this.state = h("div", {}, waiting());
    const draw = (/** @type {any} */ face, /** @type {AbortSignal} */ gone) => this.#tile(face, gone);
    this.grid = new VirtualGrid({ label: t("person.faces"), tileWidthMin: 152, tileHeight: 204, draw, onNearEnd: () => this.#more() }, signal);
    signal.addEventListener("abort", () => this.thumbnails.close());
  }

  async start() {
    this.person = (await this.media.call("GetFigureCluster", this.asked, { signal: this.signal })).FigureCluster;
    const name = this.person.Name || t("people.unnamed");
    const rename = h("button", { class: this.person.Name ? "" : "primary", type: "button", on: { click: () => this.#rename() } }, t(this.person.Name ? "person.rename" : "person.name"));
    const forget = h("button", { class: "danger", type: "button", on: { click: () => askToForget(this.media, this.ref, this.person) } }, icon("trash"), t("forget.open"));
    const crumbs = h("nav", { class: "crumbs", "aria-label": t("objects.path") }, h("a", { href: href("people") }, t("nav.people")), h("a", { href: location.hash, "aria-current": "page" }, name));
    show(this.main, heading(name, rename, forget), crumbs, h("p", { class: "hint" }, this.#facts()), this.bar, this.grid.element, this.state);
    await this.#more();
  }

  #facts() {
    const { FaceCount, ImageCount, Gender, MinAge, MaxAge } = this.person;
    const words = [t("people.faces", { count: number(FaceCount) }), t("person.images", { count: number(ImageCount) })];
    if (Gender) words.push(t(`value.Gender.${Gender}`));
    if (MinAge !== undefined) words.push(t("person.ages", { low: number(MinAge), high: number(MaxAge) }));
    return words.join(" · ");
  }

  async #more() {
    if (this.isWhole || this.isLoading || this.signal.aborted) return;
    this.isLoading = true;
    await attempt(this.state, async () => {
      const page = await this.media.call("ListClusterFigures", { ...this.asked, MaxResults: 100, NextToken: this.token || undefined }, { signal: this.signal });
      this.faces.push(...page.Figures);
      this.token = page.NextToken ?? "";
      this.isWhole = !this.token;
      show(this.state);
      this.isLoading = false;
      this.grid.setItems([...this.faces]);
    });
    this.isLoading = false;
  }

  /** @param {any} face @param {AbortSignal} gone */
  #tile(face, gone) {
    const place = objectOf(face.URI);
    const name = place?.key ?? face.URI;
    const check = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox", class: "tile-check", "aria-label": t("objects.choose", { name }) }));
    check.checked = this.chosen.has(face.FigureId);
    check.addEventListener("change", () => {
      if (check.checked) this.chosen.add(face.FigureId);
      else this.chosen.delete(face.FigureId);
      this.#drawBar();
    });
    const confidence = face.FigureClusterConfidence === undefined ? "" : t("person.confidence", { share: percent(face.FigureClusterConfidence, 1) });
    const content = [faceTile(this.thumbnails, face, gone), h("span", { class: "tile-name" }, name), h("span", { class: "tile-size" }, face.IsPinned ? t("person.pinned") : confidence)];
    const link = place ? h("a", { class: "tile-link", href: href("picture", place.bucket, ...place.key.split("/")), title: name }, content) : h("span", { class: "tile-link" }, content);
    return [link, check];
  }

  #drawBar() {
    this.bar.hidden = this.chosen.size === 0;
    const only = this.chosen.size === 1;
    show(
      this.bar,
      h("span", { role: "status" }, t("objects.chosen", { count: number(this.chosen.size) })),
      h("button", { type: "button", disabled: !only, on: { click: () => this.#cover() } }, t("person.cover")),
      h("button", { type: "button", disabled: this.chosen.size >= this.person.FaceCount, on: { click: () => this.#split() } }, t("person.split")),
    );
  }

  #rename() {
    const words = { title: t("person.name"), label: t("person.name.label"), value: this.person.Name, action: t("save") };
    const use = async (/** @type {string} */ Name) => {
      const { ObjectId, MetaLockVersion } = this.person;
      await this.media.call("UpdateFigureCluster", { ...this.ref, FigureCluster: { ObjectId, Name, MetaLockVersion } });
      await this.redraw();
    };
    askText(words, use, problemBox);
  }

  async #cover() {
    const [FigureId] = this.chosen;
    await attempt(this.bar, async () => {
      const { ObjectId } = this.person;
      await this.media.call("UpdateFigureCluster", { ...this.ref, FigureCluster: { ObjectId, Cover: { Figures: [{ FigureId }] } } });
      toast(t("person.covered"));
      await this.redraw();
    });
  }

  #split() {
    const words = { title: t("person.split"), label: t("person.name.label"), hint: t("person.split.hint", { count: number(this.chosen.size) }), action: t("person.split") };
    const use = async (/** @type {string} */ Name) => {
      const { FigureCluster } = await this.media.call("SplitFigureCluster", { ...this.asked, FigureIds: [...this.chosen], Name });
      go("person", this.ref.ProjectName, this.ref.DatasetName, FigureCluster.ObjectId);
    };
    askText(words, use, problemBox);
  }
}
