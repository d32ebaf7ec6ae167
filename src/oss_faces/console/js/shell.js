/** The frame around every page: name, navigation, language, theme, requests, leaving. */

import { h, show } from "./dom.js";
import { LANGUAGES, language, setLanguage, t } from "./i18n.js";
import { icon } from "./parts/icons.js";
import { openJournal } from "./parts/journal_panel.js";
import { href } from "./router.js";
import { session, signOut } from "./session.js";
import { THEMES, setTheme, theme } from "./theme.js";

const TABS = [
  { page: "buckets", icon: "folder", pages: ["buckets", "objects", "picture"] },
  { page: "people", icon: "people", pages: ["people", "person"] },
  { page: "usage", icon: "chart", pages: ["usage"] },
  { page: "system", icon: "system", pages: ["system"] },
];

/**
 * Draw the frame.
 * @param {HTMLElement} app @param {string} page the one that is open; empty when nobody is signed in
 * @param {() => Promise<void>} redraw
 * @returns {HTMLElement} where the page goes
 */
export function drawShell(app, page, redraw) {
  const main = h("main", { id: "main", tabindex: "-1" });
  show(
    app,
    h("a", { class: "skip", href: "#main", on: { click: (/** @type {Event} */ event) => skip(event, main) } }, t("skip")),
    h(
      "header",
      { class: "top" },
      h("a", { class: "brand", href: href("buckets") }, h("img", { src: "icon.svg", alt: "", width: 28, height: 28 }), "oss-faces"),
      page && navigation(page),
      h("div", { class: "top-tools" }, page && requestsButton(), languageChoice(redraw), themeChoice(), page && leaveButton()),
    ),
    main,
  );
  return main;
}

/** @param {string} page */
function navigation(page) {
  return h(
    "nav",
    { class: "tabs", "aria-label": t("nav") },
    TABS.map((tab) =>
      h(
        "a",
        { href: href(tab.page), "aria-current": tab.pages.includes(page) ? "page" : null },
        icon(tab.icon),
        h("span", {}, t(`nav.${tab.page}`)),
      ),
    ),
  );
}

function requestsButton() {
  return h("button", { class: "quiet", type: "button", title: t("journal.open"), "aria-label": t("journal.open"), on: { click: openJournal } }, icon("code"));
}

/** @param {() => Promise<void>} redraw */
function languageChoice(redraw) {
  const choice = /** @type {HTMLSelectElement} */ (
    h(
      "select",
      { "aria-label": t("language"), class: "compact" },
      Object.entries(LANGUAGES).map(([tag, { name }]) => h("option", { value: tag, lang: tag, selected: tag === language() }, name)),
    )
  );
  choice.addEventListener("change", async () => {
    await setLanguage(choice.value);
    await redraw();
  });
  return choice;
}

function themeChoice() {
  const button = h("button", { class: "quiet", type: "button" });
  const draw = () => {
    const label = `${t("theme")}: ${t(`theme.${theme()}`)}`;
    button.setAttribute("aria-label", label);
    button.title = label;
    show(button, icon(`theme-${theme()}`));
  };
  button.addEventListener("click", () => {
    setTheme(THEMES[(THEMES.indexOf(theme()) + 1) % THEMES.length]);
    draw();
  });
  draw();
  return button;
}

function leaveButton() {
  const leave = () => {
    signOut();
    history.replaceState(null, "", location.pathname);
    // Ends whatever still works with the key: uploads, deletions that wait or are under way, commands of the journal.
    location.reload();
  };
  const label = `${t("sign_out")} (${session()?.accessKeyId ?? ""})`;
  return h("button", { class: "quiet", type: "button", title: label, "aria-label": label, on: { click: leave } }, icon("leave"));
}

/** @param {Event} event @param {HTMLElement} main */
function skip(event, main) {
  event.preventDefault();
  main.focus();
}
