/** Signing in: a key, tried once, kept for this tab. */

import { ObjectService } from "../api/oss.js";
import { Problem } from "../api/problem.js";
import { serverFacts } from "../api/server.js";
import { h, show } from "../dom.js";
import { t } from "../i18n.js";
import { problemBox } from "../page.js";
import { signIn } from "../session.js";

/** @type {import("../page.js").Open} */
export async function open({ main, redraw }) {
  const facts = await serverFacts();
  document.title = `${t("sign_in.title")} · oss-faces`;
  const told = h("div", { "aria-live": "assertive" });
  const button = /** @type {HTMLButtonElement} */ (h("button", { class: "primary wide", type: "submit" }, t("sign_in.do")));
  const submit = async (/** @type {SubmitEvent} */ event) => {
    event.preventDefault();
    const fields = new FormData(/** @type {HTMLFormElement} */ (event.target));
    const value = (/** @type {string} */ name) => String(fields.get(name) ?? "").trim();
    const tried = {
      accessKeyId: value("id"),
      accessKeySecret: value("secret"),
      securityToken: value("token"),
      region: value("region") || facts.region,
      endpoint: (value("endpoint") || facts.endpoint).replace(/\/+$/, ""),
    };
    button.disabled = true;
    show(told);
    try {
      await tryKey(tried);
      signIn(tried);
      await redraw();
    } catch (error) {
      show(told, problemBox(error));
      button.disabled = false;
    }
  };
  show(main, h("div", { class: "sign-in" }, h("h1", {}, t("sign_in.title")), h("p", { class: "hint" }, t("sign_in.what")), signInForm(facts, submit, button, told)));
  main.querySelector("input")?.focus();
}

/** A key that lacks the right to list buckets is a good key. @param {import("../session.js").Session} tried */
async function tryKey(tried) {
  try {
    await new ObjectService(tried).buckets();
  } catch (error) {
    if (!(error instanceof Problem && error.code === "AccessDenied")) throw error;
  }
}

/** @param {import("../api/server.js").ServerFacts} facts @param {EventListener | any} submit @param {Node} button @param {Node} told */
function signInForm(facts, submit, button, told) {
  const plain = { autocomplete: "off", autocapitalize: "none", spellcheck: "false" };
  return h(
    "form",
    { class: "card", on: { submit } },
    h("label", {}, t("sign_in.id"), h("input", { name: "id", required: true, ...plain, autocomplete: "username" })),
    h("label", {}, t("sign_in.secret"), h("input", { name: "secret", type: "password", required: true, ...plain })),
    h(
      "details",
      {},
      h("summary", {}, t("sign_in.more")),
      h("label", {}, t("sign_in.token"), h("input", { name: "token", ...plain })),
      h("label", {}, t("sign_in.endpoint"), h("input", { name: "endpoint", type: "url", value: facts.endpoint, readonly: true })),
      h("label", {}, t("sign_in.region"), h("input", { name: "region", value: facts.region, ...plain })),
    ),
    told,
    button,
    h("p", { class: "hint" }, t("sign_in.where")),
  );
}
