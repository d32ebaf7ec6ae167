/** IMM's API, version 2020-09-30: datasets, tasks, clusters. Parameters go as a form, nested ones as JSON text. */

import { signAction } from "../sign/acs3.js";
import { encode } from "../sign/percent.js";
import { Problem } from "./problem.js";
import { send } from "./transport.js";

const VERSION = "2020-09-30";
const POLL_MS = 700;

/** @typedef {import("../session.js").Session} Session */

export class MediaService {
  /** @param {Session} session @param {() => Date} [now] */
  constructor(session, now = () => new Date()) {
    this.session = session;
    this.now = now;
  }

  /**
   * Call an operation.
   * @param {string} action @param {Record<string, unknown>} parameters absent ones are left out
   * @param {{signal?: AbortSignal, quiet?: boolean}} [options]
   * @returns {Promise<any>} the answer
   */
  async call(action, parameters, { signal, quiet = false } = {}) {
    const body = form(parameters);
    const host = new URL(this.session.endpoint).host;
    const sign = async () => ({
      url: `${this.session.endpoint}/`,
      headers: await signAction(this.session, { host, action, version: VERSION, body, nonce: nonce() }, this.now()),
    });
    const target = String(parameters.DatasetName ?? parameters.ProjectName ?? "");
    const response = await send({ title: action, target, method: "POST", sign, body, signal, quiet });
    return response.json();
  }

  /**
   * Call an operation for all its pages.
   * @param {string} action @param {Record<string, unknown>} parameters @param {string} list name of the list in the answer
   * @param {{signal?: AbortSignal, most?: number}} [options]
   * @returns {Promise<any[]>} at most `most` entries
   */
  async all(action, parameters, list, { signal, most = 10_000 } = {}) {
    /** @type {any[]} */
    const found = [];
    let token = "";
    do {
      const page = await this.call(action, { ...parameters, MaxResults: 100, NextToken: token || undefined }, { signal });
      found.push(...(page[list] ?? []));
      token = page.NextToken ?? "";
    } while (token && found.length < most);
    return found;
  }

  /**
   * Wait for a task to end.
   * @param {string} project @param {string} taskId @param {AbortSignal} [signal]
   * @returns {Promise<any>} the task
   */
  async ended(project, taskId, signal) {
    const TaskType = taskId.split("-", 1)[0];
    for (;;) {
      const task = await this.call("GetTask", { ProjectName: project, TaskId: taskId, TaskType }, { signal, quiet: true });
      if (task.Status === "Succeeded") return task;
      if (task.Status !== "Running") throw new Problem(task.Code, task.Message, 200, task.RequestId);
      await pause(POLL_MS, signal);
    }
  }
}

/** @param {number} ms @param {AbortSignal} [signal] */
export function pause(ms, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      reject(new DOMException("stopped", "AbortError"));
    });
  });
}

/** @param {Record<string, unknown>} parameters */
export function form(parameters) {
  return Object.entries(parameters)
    .filter(([, value]) => value !== undefined && value !== null && value !== "")
    .map(([name, value]) => `${encode(name)}=${encode(typeof value === "object" ? JSON.stringify(value) : String(value))}`)
    .join("&");
}

function nonce() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
