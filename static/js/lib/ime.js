/**
 * Whose key is it? While somebody composes 汉字 with an input method, Enter, Esc, Tab, arrows and digits choose
 * candidates. One tracker watches the whole page, so the rule holds in every input, also those yet to be written.
 */

/** Safari ends a composition before the keydown that ended it. */
const GRACE_MS = 50;

let composing = false;
let changed = -Infinity;

/** @param {{ addEventListener: Function }} page */
export function watchCompositions(page) {
  const options = { capture: true };
  page.addEventListener("compositionstart", () => mark(true), options);
  page.addEventListener("compositionend", () => mark(false), options);
  // A field that vanishes or loses focus may never send its compositionend.
  page.addEventListener("focusout", () => (composing = false), options);
}

/** @param {boolean} active */
function mark(active) {
  composing = active;
  changed = performance.now();
}

/** Nothing may write to a field, save its draft or draw suggestions while this is true. */
export function isComposing() {
  return composing;
}

/**
 * An Enter that only just follows a composition: it neither sends nor breaks the line.
 * @param {KeyboardEvent} event
 */
export function isLateEnter(event) {
  return event.key === "Enter" && !event.isComposing && event.keyCode !== 229 && !composing && ownsKey(event);
}

/**
 * The key belongs to the input method: do nothing with it.
 * @param {KeyboardEvent} event
 */
export function ownsKey(event) {
  return event.isComposing || event.keyCode === 229 || composing || performance.now() - changed < GRACE_MS;
}
