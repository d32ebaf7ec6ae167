/** Which dataset the people belong to: found, chosen, made. What was chosen is remembered by its name. */

import { Problem } from "../api/problem.js";
import { preference, setPreference } from "../preferences.js";

const PROJECT = "console";

/** @typedef {{ProjectName: string, DatasetName: string}} Ref */

/** @param {import("../api/imm.js").MediaService} media @param {AbortSignal} signal @returns {Promise<(Ref & {FileCount: number})[]>} */
export async function datasets(media, signal) {
  const projects = await media.all("ListProjects", {}, "Projects", { signal });
  const names = new Set(projects.map(({ ProjectName }) => ProjectName));
  const lists = await Promise.all([...names].map((ProjectName) => media.all("ListDatasets", { ProjectName }, "Datasets", { signal })));
  return lists.flat();
}

/** @param {import("../api/imm.js").MediaService} media @param {string} name @returns {Promise<Ref>} */
export async function makeDataset(media, name) {
  const found = await media.all("ListProjects", { Prefix: PROJECT }, "Projects");
  if (!found.some(({ ProjectName }) => ProjectName === PROJECT)) await makeProject(media);
  const ref = { ProjectName: PROJECT, DatasetName: name };
  await media.call("CreateDataset", ref);
  return ref;
}

/** Somebody else may be faster, which is as good. @param {import("../api/imm.js").MediaService} media */
async function makeProject(media) {
  try {
    await media.call("CreateProject", { ProjectName: PROJECT });
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) throw error;
  }
}

/** @param {Ref[]} found @returns {Ref | undefined} the one that was chosen last, if it is still there */
export function chosenOf(found) {
  const name = preference("dataset");
  return found.find((one) => nameOf(one) === name) ?? found[0];
}

/** @param {Ref} ref */
export function choose(ref) {
  setPreference("dataset", nameOf(ref));
}

/** @param {Ref} ref */
export function nameOf({ ProjectName, DatasetName }) {
  return `${ProjectName}/${DatasetName}`;
}

/** @param {any} record @returns {Ref} */
export function refOf({ ProjectName, DatasetName }) {
  return { ProjectName, DatasetName };
}
