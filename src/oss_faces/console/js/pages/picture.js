/** One picture: its faces, what is known of each, and the request and the answer behind it. */

import { ObjectService } from "../api/oss.js";
import { h, show } from "../dom.js";
import { number, size as sizeOf, t } from "../i18n.js";
import { attempt, empty, heading, problemBox, waiting } from "../page.js";
import { boxName } from "../faces/attributes.js";
import { facePanel } from "../faces/face_panel.js";
import { Overlay } from "../faces/overlay.js";
import { requestPanel } from "../faces/request_panel.js";
import { icon } from "../parts/icons.js";
import { href } from "../router.js";
import { session } from "../session.js";

const SHOWN = "image/auto-orient,1/resize,l_1600/format,webp/quality,Q_85";
const FACES = "image/faces";

/** @type {import("../page.js").Open} */
export async function open({ main, parts, signal }) {
  const [bucket, ...rest] = parts;
  await new PicturePage(main, bucket, rest.join("/"), signal).start();
}

class PicturePage {
  /** @param {HTMLElement} main @param {string} bucket @param {string} key @param {AbortSignal} signal */
  constructor(main, bucket, key, signal) {
    this.main = main;
    this.bucket = bucket;
    this.key = key;
    this.signal = signal;
    this.session = /** @type {import("../session.js").Session} */ (session());
    this.objects = new ObjectService(this.session);
    this.url = "";
    this.size = { width: 1, height: 1 };
    /** @type {import("../faces/attributes.js").Figure[]} */
    this.figures = [];
    /** @type {Map<string, import("../faces/attributes.js").Figure>} */
    this.expressions = new Map();
    this.chosen = -1;
    this.stage = h("div", { class: "stage" }, waiting());
    this.list = h("div", { class: "face-list", role: "toolbar", "aria-label": t("picture.faces") });
    this.panel = h("div", {});
    this.facts = h("div", { class: "about" });
    this.request = h("div", { class: "request" });
    /** @type {HTMLButtonElement[]} */
    this.buttons = [];
    /** @type {Overlay | null} */
    this.overlay = null;
    signal.addEventListener("abort", () => this.url && URL.revokeObjectURL(this.url));
  }

  async start() {
    const names = this.key.split("/");
    const back = h("a", { class: "button", href: href("objects", this.bucket, ...names.slice(0, -1), "") }, icon("back"), t("back"));
    show(
      this.main,
      heading(names.at(-1) ?? this.key, back, h("button", { type: "button", on: { click: () => this.#download() } }, icon("download"), t("picture.download"))),
      h("div", { class: "picture" }, h("div", { class: "picture-left" }, this.stage, this.list, this.request, this.facts), h("div", { class: "picture-right" }, this.panel)),
    );
    this.list.addEventListener("keydown", (event) => this.#walk(event));
    await attempt(this.stage, async () => {
      const { bucket, key, signal } = this;
      const [info, blob] = await Promise.all([this.objects.processed(bucket, key, "image/info", signal), this.objects.picture(bucket, key, SHOWN, signal)]);
      this.#showPicture(blob, info.value);
      await attempt(this.panel, () => this.#showFaces());
    });
  }

  /** @param {Blob} blob @param {Record<string, {value: string}>} info */
  #showPicture(blob, info) {
    this.url = URL.createObjectURL(blob);
    const stored = { width: Number(info.ImageWidth.value), height: Number(info.ImageHeight.value) };
    this.size = uprightSize(stored, Number.parseInt(info.Orientation?.value ?? "1", 10));
    const image = h("img", { src: this.url, alt: t("picture.alt", { name: this.key }), width: this.size.width, height: this.size.height });
    this.stage.style.setProperty("--aspect", String(this.size.width / this.size.height));
    show(this.stage, image);
    show(this.panel, waiting());
    const rows = Object.entries(info).map(([name, { value }]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, name === "FileSize" ? sizeOf(Number(value)) : value)));
    show(this.facts, h("details", { class: "card facts", open: true }, h("summary", {}, t("picture.facts")), h("div", { class: "scroll" }, h("table", {}, h("caption", { class: "unseen" }, t("picture.facts")), h("tbody", {}, rows)))));
  }

  async #showFaces() {
    const { bucket, key, signal } = this;
    const [faces, expressions] = await Promise.allSettled([this.objects.processed(bucket, key, FACES, signal), this.objects.processed(bucket, key, "image/expressions", signal)]);
    if (faces.status === "rejected") throw faces.reason;
    // Expressions are a second question; without their answer the faces are shown all the same.
    if (expressions.status === "fulfilled") this.expressions = new Map(expressions.value.value.Figures.map((/** @type {any} */ one) => [boxName(one), one]));
    this.figures = faces.value.value.Figures;
    this.overlay = new Overlay(this.size, this.figures, (index) => this.#choose(index));
    this.stage.append(this.overlay.element);
    this.#listFaces();
    const wanted = { endpoint: this.session.endpoint, region: this.session.region, bucket, key, process: FACES };
    show(this.request, requestPanel(wanted, () => this.objects.presigned(bucket, key, FACES), faces.value.raw));
    if (this.figures.length === 0) show(this.panel, empty(t("picture.no_faces"), t("picture.no_faces.do")));
    else this.#choose(0);
  }

  #listFaces() {
    this.buttons = this.figures.map((figure, index) => {
      const words = [this.#title(index), figure.Gender && t(`value.Gender.${figure.Gender}`), "Age" in figure && number(figure.Age)];
      return /** @type {HTMLButtonElement} */ (h("button", { type: "button", class: "chip", "aria-pressed": "false", tabindex: -1, on: { click: () => this.#choose(index) } }, words.filter(Boolean).join(" · ")));
    });
    show(this.list, this.buttons);
  }

  /** Arrow keys, Home and End walk the faces. @param {KeyboardEvent} event */
  #walk(event) {
    const last = this.figures.length - 1;
    const to = { ArrowRight: this.chosen + 1, ArrowDown: this.chosen + 1, ArrowLeft: this.chosen - 1, ArrowUp: this.chosen - 1, Home: 0, End: last }[event.key];
    if (to === undefined || last < 0) return;
    event.preventDefault();
    this.#choose(Math.max(0, Math.min(to, last)));
    this.buttons[this.chosen].focus();
  }

  /** @param {number} index */
  #choose(index) {
    if (index === this.chosen) return;
    this.chosen = index;
    this.overlay?.choose(index);
    this.buttons.forEach((button, other) => {
      button.setAttribute("aria-pressed", String(other === index));
      button.tabIndex = other === index ? 0 : -1;
    });
    const figure = this.figures[index];
    show(this.panel, facePanel({ figure, expression: this.expressions.get(boxName(figure)), url: this.url, size: this.size, title: this.#title(index) }));
  }

  /** @param {number} index */
  #title(index) {
    return t("face.title", { number: index + 1 });
  }

  async #download() {
    try {
      const url = URL.createObjectURL(await this.objects.object(this.bucket, this.key, this.signal));
      h("a", { href: url, download: this.key.split("/").at(-1) }).click();
      setTimeout(() => URL.revokeObjectURL(url), 60_000);
    } catch (error) {
      show(this.facts, problemBox(error));
    }
  }
}

/**
 * Orientations from 5 on lie on their side.
 * @param {{width: number, height: number}} stored @param {number} orientation of EXIF, 1 to 8
 */
export function uprightSize({ width, height }, orientation) {
  return orientation >= 5 ? { width: height, height: width } : { width, height };
}
