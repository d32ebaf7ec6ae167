/** A merge can be taken back: for a moment by one click, and later by the command line. */

import { explain } from "../api/problem.js";
import { t } from "../i18n.js";
import { later, toast } from "../parts/toasts.js";

/**
 * @param {import("../api/imm.js").MediaService} media @param {import("./datasets.js").Ref} ref @param {string} mergeId
 * @param {string} text what was done @param {() => Promise<void>} redraw
 */
export function offerUndo(media, ref, mergeId, text, redraw) {
  const undo = async () => {
    try {
      await media.call("UndoFigureClustersMerging", { ...ref, MergeId: mergeId });
      toast(t("people.unmerged"));
      await redraw();
    } catch (error) {
      toast(explain(error).what);
    }
  };
  later(text, async () => {}, undo);
}
