/** What went wrong with a request, and what a person can do about it. */

import { t, tOr } from "../i18n.js";

export class Problem extends Error {
  /**
   * @param {string} code of the server, or `Network`
   * @param {string} message of the server
   * @param {number} status 0 when no answer came
   * @param {string} requestId
   */
  constructor(code, message, status, requestId) {
    super(message || code);
    this.name = "Problem";
    this.code = code;
    this.status = status;
    this.requestId = requestId;
  }
}

/** Read the error out of an answer, XML or JSON. @param {number} status @param {string} text */
export function problemOf(status, text) {
  if (text.trimStart().startsWith("{")) {
    try {
      const body = JSON.parse(text);
      return new Problem(body.Code ?? `HTTP ${status}`, body.Message ?? "", status, body.RequestId ?? "");
    } catch {
      return new Problem(`HTTP ${status}`, "", status, "");
    }
  }
  const root = new DOMParser().parseFromString(text, "application/xml").documentElement;
  const field = (/** @type {string} */ name) => root.querySelector(name)?.textContent ?? "";
  return new Problem(field("Code") || `HTTP ${status}`, field("Message"), status, field("RequestId"));
}

/**
 * Say what happened and what to do, in two short sentences.
 * @param {unknown} error
 * @returns {{what: string, advice: string, detail: string}}
 */
export function explain(error) {
  if (!(error instanceof Problem)) {
    return { what: t("problem.unforeseen"), advice: t("problem.unforeseen.do"), detail: String(error) };
  }
  const kind = kindOf(error);
  const detail = [error.code, error.message, error.requestId].filter(Boolean).join(" · ");
  return { what: t(`problem.${kind}`), advice: tOr(`problem.${kind}.do`, ""), detail };
}

const KINDS = new Set([
  "Network", "NoSuchKey", "NoSuchBucket", "BucketNotEmpty", "BucketAlreadyExists", "InvalidBucketName", "InvalidAccessKeyId",
  "SignatureDoesNotMatch", "RequestTimeTooSkewed", "SecurityTokenExpired", "ImageDamage", "ImageTooLarge", "LimitExceededError",
  "ResourceChanged",
]);

/** @param {Problem} error */
function kindOf(error) {
  if (KINDS.has(error.code)) return error.code;
  if (error.code.startsWith("InvalidAccessKeyId") || error.code === "InvalidSecurityToken") return "InvalidAccessKeyId";
  if (error.code.startsWith("InvalidTimeStamp")) return "RequestTimeTooSkewed";
  if (error.status === 403) return "AccessDenied";
  if (error.status === 404) return "Missing";
  if (error.status === 503) return "Busy";
  if (error.status >= 500) return "Server";
  // Last, for it looks at words, and names of buckets and groups can be among them.
  if (error.code === "Imm Client" || /format|picture|image/i.test(error.message)) return "NoPicture";
  return "Refused";
}
