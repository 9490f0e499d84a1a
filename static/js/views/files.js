/** Files cannot be sent yet. Who tries is told so, instead of losing the page to the file. */

import { t } from "parley/lib/i18n.js";
import { toast } from "parley/views/derived.js";

/**
 * Listens on the whole page; a place that takes files (a picture's field) prevents the default before it comes here.
 * @returns {() => void} stops
 */
export function refuseFiles() {
  const over = (/** @type {DragEvent} */ event) => {
    // Or the browser would not tell of the drop, and open the file in place of the page.
    if (!event.defaultPrevented && carries(event)) event.preventDefault();
  };
  const drop = (/** @type {DragEvent} */ event) => {
    if (event.defaultPrevented || !carries(event)) return;
    event.preventDefault();
    toast(t("files.later"));
  };
  addEventListener("dragover", over);
  addEventListener("drop", drop);
  return () => {
    removeEventListener("dragover", over);
    removeEventListener("drop", drop);
  };
}

/**
 * @param {ClipboardEvent} event
 * @returns {boolean} whether there was nothing but files in it
 */
export function refusePaste(event) {
  const data = event.clipboardData;
  if (!data?.files.length || data.types.includes("text/plain")) return false;
  event.preventDefault();
  toast(t("files.later"));
  return true;
}

/** @param {DragEvent} event */
function carries(event) {
  const target = event.target instanceof Element ? event.target : null;
  return Boolean(event.dataTransfer?.types.includes("Files")) && !target?.closest("input[type=file]");
}
