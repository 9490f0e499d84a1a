/** What the fields have in common in which messages are written: Markdown by keys, and what may be put into them. */

import { t } from "parley/lib/i18n.js";
import { isComposing } from "parley/lib/ime.js";
import { toast } from "parley/views/derived.js";
import { pressed } from "parley/views/keys.js";
import { withSources } from "parley/views/suggest.js";

/** Which formats have a key of the table. @type {readonly [import("parley/views/format.js").Format, string][]} */
export const FORMAT_KEYS = [["bold", "bold"], ["italic", "italic"], ["code", "code"], ["link", "make-link"]];
const ADDRESS = /^\s*https?:\/\/\S+\s*$/;

/**
 * @param {KeyboardEvent} event in a field
 * @returns {boolean} whether it was for a format
 */
export function formatKey(event) {
  const [format] = FORMAT_KEYS.find(([, id]) => pressed(event, id)) ?? [];
  if (!format) return false;
  event.preventDefault();
  event.stopPropagation();
  const field = /** @type {HTMLTextAreaElement} */ (event.target);
  withSources(({ apply }) => field.isConnected && !isComposing() && apply(field, format));
  return true;
}

/**
 * An address pasted over words makes them a link; a file is not taken yet.
 * @param {ClipboardEvent} event in a field
 */
export function onPaste(event) {
  const field = /** @type {HTMLTextAreaElement} */ (event.target);
  const data = event.clipboardData;
  if (!data || isComposing()) return;
  const text = data.getData("text/plain");
  if (data.files.length && !text) {
    event.preventDefault();
    toast(t("files.later"));
    return;
  }
  const words = field.value.slice(field.selectionStart, field.selectionEnd);
  if (!words.trim() || /[\n[\]]/.test(words) || !ADDRESS.test(text) || ADDRESS.test(words)) return;
  event.preventDefault();
  withSources(({ linkOver }) => linkOver(field, text.trim()));
}

/**
 * Files cannot be sent yet: who drops one is told so, instead of losing the page to it. A place that takes files (a
 * picture's field) prevents the default before it comes here.
 * @returns {() => void} stops
 */
export function refuseFiles() {
  // Or the browser would not tell of the drop, and open the file in place of the page.
  const over = (/** @type {DragEvent} */ event) => {
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

/** @param {DragEvent} event */
function carries(event) {
  const target = event.target instanceof Element ? event.target : null;
  return Boolean(event.dataTransfer?.types.includes("Files")) && !target?.closest("input[type=file]");
}

/**
 * Make a text field as high as its text; style sheets bound it.
 * @param {HTMLTextAreaElement} field
 */
export function fit(field) {
  const around = /** @type {HTMLElement} */ (field.parentElement);
  // It is small while it is measured; were what is around it, too, the list above would be scrolled away from its end.
  around.style.minHeight = `${around.offsetHeight}px`;
  field.style.height = "auto";
  const border = field.offsetHeight - field.clientHeight;
  field.style.height = `${field.scrollHeight + border}px`;
  around.style.minHeight = "";
}
