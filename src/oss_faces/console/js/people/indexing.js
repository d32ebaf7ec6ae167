/** Puts the pictures of a bucket into a dataset, and then sorts the faces: bounded, told, and to be stopped at any moment. */

import { pause } from "../api/imm.js";
import { looksLikePicture } from "../parts/thumbnails.js";

const BATCH = 100;
const UNDER_WAY_MAX = 300;
const LOOK_MS = 600;

/** @typedef {{listed: number, sent: number, done: number, failed: number, isListed: boolean}} State */
/** @typedef {{media: import("../api/imm.js").MediaService, objects: import("../api/oss.js").ObjectService}} Services */

/**
 * Index everything under a prefix that looks like a picture. What was sent when it is stopped is still done by the server.
 * @param {Services} services @param {import("./datasets.js").Ref} ref @param {{bucket: string, prefix: string}} place
 * @param {(state: State) => void} onProgress @param {AbortSignal} stopping @param {AbortSignal} signal when the page is left
 * @returns {Promise<{state: State, failures: {uri: string, message: string}[]}>}
 */
export async function indexAll({ media, objects }, ref, place, onProgress, stopping, signal) {
  const run = crypto.randomUUID();
  /** @type {State} */
  const state = { listed: 0, sent: 0, done: 0, failed: 0, isListed: false };
  const look = async () => {
    const count = await media.call("CountTasks", { ProjectName: ref.ProjectName, TaskTypes: ["FileIndexing"], UserData: run }, { signal, quiet: true });
    Object.assign(state, { done: count.Succeeded + count.Failed, failed: count.Failed });
    onProgress(state);
  };
  for await (const uris of batches(objects, place, state, signal)) {
    while (!stopping.aborted && state.sent - state.done >= UNDER_WAY_MAX) {
      await pause(LOOK_MS, signal);
      await look();
    }
    if (stopping.aborted) break;
    await media.call("BatchIndexFileMeta", { ...ref, Files: uris.map((URI) => ({ URI })), UserData: run }, { signal });
    state.sent += uris.length;
    await look();
  }
  while (state.done < state.sent) {
    await pause(LOOK_MS, signal);
    await look();
  }
  return { state, failures: state.failed > 0 ? await failures(media, ref, run, signal) : [] };
}

/** @param {Services["objects"]} objects @param {{bucket: string, prefix: string}} place @param {State} state @param {AbortSignal} signal */
async function* batches(objects, { bucket, prefix }, state, signal) {
  let token = "";
  /** @type {string[]} */
  let waiting = [];
  do {
    const page = await objects.list(bucket, prefix, { delimiter: "", token, signal });
    const found = page.entries.filter(({ key }) => looksLikePicture(key)).map(({ key }) => `oss://${bucket}/${key}`);
    state.listed += found.length;
    waiting.push(...found);
    token = page.token;
    state.isListed = !token;
    while (waiting.length >= BATCH || (state.isListed && waiting.length > 0)) {
      yield waiting.slice(0, BATCH);
      waiting = waiting.slice(BATCH);
    }
  } while (token);
}

/** @param {Services["media"]} media @param {import("./datasets.js").Ref} ref @param {string} run @param {AbortSignal} signal */
async function failures(media, ref, run, signal) {
  const asked = { ProjectName: ref.ProjectName, TaskTypes: ["FileIndexing"], Status: "Failed", Sort: "StartTime", Order: "desc", RequestDefinition: true };
  const tasks = await media.all("ListTasks", asked, "Tasks", { signal, most: 500 });
  return tasks
    .filter(({ UserData }) => UserData === run)
    .map(({ TaskRequestDefinition, Message }) => ({ uri: JSON.parse(TaskRequestDefinition).URI ?? "", message: Message }));
}

/** Sort the faces that are in no cluster yet. @param {Services["media"]} media @param {import("./datasets.js").Ref} ref @param {AbortSignal} signal */
export async function sortFaces(media, ref, signal) {
  const { TaskId } = await media.call("CreateFigureClusteringTask", { ...ref }, { signal });
  return media.ended(ref.ProjectName, TaskId, signal);
}
