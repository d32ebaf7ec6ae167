/** Starts the console: language, theme, the server's address, then the page that the address names. */

import { serverFacts } from "./api/server.js";
import { h, show } from "./dom.js";
import { startLanguage, t } from "./i18n.js";
import { problemBox } from "./page.js";
import { here } from "./router.js";
import { session } from "./session.js";
import { drawShell } from "./shell.js";
import { canSign } from "./sign/digest.js";
import { applyTheme } from "./theme.js";

const app = /** @type {HTMLElement} */ (document.getElementById("app"));

/** @type {Record<string, () => Promise<{open: import("./page.js").Open}>>} */
const PAGES = {
  buckets: () => import("./pages/buckets.js"),
  objects: () => import("./pages/objects.js"),
  picture: () => import("./pages/picture.js"),
  people: () => import("./pages/people.js"),
  person: () => import("./pages/person.js"),
  usage: () => import("./pages/usage.js"),
  system: () => import("./pages/system.js"),
};

let leaving = new AbortController();

async function draw() {
  leaving.abort();
  leaving = new AbortController();
  const { signal } = leaving;
  const signedIn = session();
  const { page, parts } = here();
  const name = page in PAGES ? page : "buckets";
  const frame = () => drawShell(app, signedIn ? name : "", draw);
  try {
    const { open } = signedIn ? await PAGES[name]() : await import("./pages/sign_in.js");
    if (signal.aborted) return;
    const main = frame();
    document.title = "oss-faces";
    await open({ main, parts, signal, redraw: draw });
  } catch (error) {
    // A page that could not be loaded, or what it needs before it can show anything.
    if (!signal.aborted) show(frame(), problemBox(error));
  }
}

async function start() {
  applyTheme();
  if (canSign()) serverFacts().catch(() => {}); // asked early; the page that needs it tells of its failure
  await startLanguage();
  if (!canSign()) {
    show(app, h("main", { class: "narrow" }, h("h1", {}, t("insecure.title")), h("p", {}, t("insecure.what")), h("p", {}, t("insecure.do"))));
    return;
  }
  window.addEventListener("hashchange", draw);
  await draw();
}

await start();
