/** Writing into a text field as if it had been typed: it can be undone, and the field hears of it. */

/**
 * @param {HTMLTextAreaElement} field
 * @param {number} start
 * @param {number} end what stands between is replaced
 * @param {string} text
 */
export function insert(field, start, end, text) {
  field.focus({ preventScroll: true });
  field.setSelectionRange(start, end);
  // The one way that goes into the history of what can be undone; deprecated in name, kept by every browser.
  const done = text ? document.execCommand("insertText", false, text) : document.execCommand("delete");
  if (done || (start === end && !text)) return;
  field.setRangeText(text, start, end, "end");
  field.dispatchEvent(new InputEvent("input", { bubbles: true, inputType: "insertReplacementText", data: text }));
}
