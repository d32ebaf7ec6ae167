/** The object service: the calls that the pages need, over the public API of OSS. */

import { address, presign, signHeaders } from "../sign/oss_v4.js";
import { Problem, problemOf } from "./problem.js";
import { record, send } from "./transport.js";

/** @typedef {import("../session.js").Session} Session */
/** @typedef {{name: string, created: string}} Bucket */
/** @typedef {{kind: "folder", key: string} | {kind: "object", key: string, size: number, modified: string, etag: string}} Listed */

const PRESIGNED_S = 3600;

export class ObjectService {
  /** @param {Session} session @param {() => Date} [now] */
  constructor(session, now = () => new Date()) {
    this.session = session;
    this.now = now;
  }

  /** @returns {Promise<Bucket[]>} */
  async buckets() {
    /** @type {Bucket[]} */
    const found = [];
    let marker = "";
    do {
      const query = { "max-keys": "1000", ...(marker ? { marker } : {}) };
      const root = await this.#xml(this.#wanted("ListBuckets", "GET", "", "", query));
      for (const one of root.querySelectorAll("Bucket")) found.push({ name: text(one, "Name"), created: text(one, "CreationDate") });
      marker = text(root, "NextMarker");
    } while (marker);
    return found;
  }

  /** @param {string} bucket */
  async createBucket(bucket) {
    await send(this.#wanted("PutBucket", "PUT", bucket, ""));
  }

  /** @param {string} bucket */
  async deleteBucket(bucket) {
    await send(this.#wanted("DeleteBucket", "DELETE", bucket, ""));
  }

  /**
   * List one page.
   * @param {string} bucket @param {string} prefix
   * @param {{delimiter?: string, token?: string, signal?: AbortSignal, count?: number}} [options]
   * @returns {Promise<{entries: Listed[], token: string}>} in the order of keys; no token: it is the last page
   */
  async list(bucket, prefix, { delimiter = "/", token = "", signal, count = 1000 } = {}) {
    /** @type {Record<string, string>} */
    const query = { "list-type": "2", "encoding-type": "url", "max-keys": String(count) };
    if (prefix) query.prefix = prefix;
    if (delimiter) query.delimiter = delimiter;
    if (token) query["continuation-token"] = token;
    const root = await this.#xml({ ...this.#wanted("ListObjectsV2", "GET", bucket, "", query), signal });
    /** @type {Listed[]} */
    const entries = [...root.querySelectorAll("CommonPrefixes > Prefix")].map((one) => ({
      kind: "folder",
      key: decodeURIComponent(one.textContent ?? ""),
    }));
    for (const one of root.querySelectorAll("Contents")) {
      entries.push({
        kind: "object",
        key: decodeURIComponent(text(one, "Key")),
        size: Number(text(one, "Size")),
        modified: text(one, "LastModified"),
        etag: text(one, "ETag").replaceAll('"', ""),
      });
    }
    entries.sort((a, b) => (a.key < b.key ? -1 : 1));
    return { entries, token: decodeURIComponent(text(root, "NextContinuationToken")) };
  }

  /** @param {string} bucket @param {string} key */
  async remove(bucket, key) {
    await send(this.#wanted("DeleteObject", "DELETE", bucket, key));
  }

  /**
   * Get an answer of `image/...` as JSON, with its exact text.
   * @param {string} bucket @param {string} key @param {string} process @param {AbortSignal} [signal]
   */
  async processed(bucket, key, process, signal) {
    const response = await send({ ...this.#processing(bucket, key, process), signal });
    const raw = await response.text();
    return { raw, value: JSON.parse(raw) };
  }

  /**
   * Get a picture made of a stored one.
   * @param {string} bucket @param {string} key @param {string} process @param {AbortSignal} [signal]
   * @returns {Promise<Blob>}
   */
  async picture(bucket, key, process, signal) {
    const response = await send({ ...this.#processing(bucket, key, process), quiet: true, signal });
    return response.blob();
  }

  /** Get an object as it is. @param {string} bucket @param {string} key @param {AbortSignal} [signal] */
  async object(bucket, key, signal) {
    return (await send({ ...this.#wanted("GetObject", "GET", bucket, key), signal })).blob();
  }

  /**
   * Ask the service itself something that is not of OSS: `usage` or `system`.
   * @param {string} what @param {Record<string, string>} [query] @param {AbortSignal} [signal]
   * @returns {Promise<string>} the answer's text
   */
  async ask(what, query = {}, signal) {
    const wanted = this.#wanted(what, "GET", "", "", { "x-oss-faces": what, ...query });
    return (await send({ ...wanted, signal })).text();
  }

  /** Write an address that holds for an hour. @param {string} bucket @param {string} key @param {string} process */
  presigned(bucket, key, process) {
    const wanted = { method: "GET", bucket, key, query: { "x-oss-process": process }, headers: {} };
    return presign(this.session, wanted, this.now(), PRESIGNED_S);
  }

  /**
   * Store a file. It goes by XMLHttpRequest, which alone tells how much has left.
   * @param {string} bucket @param {string} key @param {Blob} file
   * @param {(sentBytes: number) => void} onProgress @param {AbortSignal} signal
   */
  async put(bucket, key, file, onProgress, signal) {
    const outgoing = this.#wanted("PutObject", "PUT", bucket, key, {}, { "content-type": file.type || "application/octet-stream" });
    const { url, headers } = await outgoing.sign();
    const started = performance.now();
    await new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      const stop = () => request.abort();
      request.open("PUT", url);
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.upload.onprogress = (event) => onProgress(event.loaded);
      request.onload = () => {
        record({ ...outgoing, body: file }, request.status, started, request.responseText);
        if (request.status < 300) resolve(undefined);
        else reject(problemOf(request.status, request.responseText));
      };
      request.onerror = () => reject(new Problem("Network", "", 0, ""));
      request.onabort = () => reject(new DOMException("stopped", "AbortError"));
      request.onloadend = () => signal.removeEventListener("abort", stop);
      signal.addEventListener("abort", stop);
      if (signal.aborted) reject(new DOMException("stopped", "AbortError"));
      else request.send(file);
    });
  }

  /** @param {string} bucket @param {string} key @param {string} process */
  #processing(bucket, key, process) {
    return this.#wanted(process, "GET", bucket, key, { "x-oss-process": process });
  }

  /**
   * @param {string} title @param {string} method @param {string} bucket @param {string} key
   * @param {Record<string, string>} [query] @param {Record<string, string>} [headers]
   * @returns {import("./transport.js").Outgoing}
   */
  #wanted(title, method, bucket, key, query = {}, headers = {}) {
    const wanted = { method, bucket, key, query, headers };
    const sign = async () => ({
      url: address(this.session.endpoint, wanted),
      headers: await signHeaders(this.session, wanted, this.now()),
    });
    return { title, target: [bucket, key].filter(Boolean).join("/"), method, sign };
  }

  /** @param {import("./transport.js").Outgoing} outgoing */
  async #xml(outgoing) {
    const response = await send(outgoing);
    return new DOMParser().parseFromString(await response.text(), "application/xml").documentElement;
  }
}

/** @param {Element} node @param {string} name */
function text(node, name) {
  return node.querySelector(`:scope > ${name}`)?.textContent ?? "";
}
