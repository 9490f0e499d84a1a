/** What forms share. */

import { isComposing, ownsKey } from "parley/lib/ime.js";

/**
 * An Enter that chooses a candidate sends no form.
 * @param {KeyboardEvent} event
 */
export function onEnter(event) {
  if (event.key === "Enter" && ownsKey(event)) event.preventDefault();
}

/**
 * What was wrong with a field is no longer said once the field is changed. For a form, whose fields have the names that
 * the server calls them by.
 * @template T
 * @param {Record<string, T>} fields what is wrong, by field
 * @param {(fields: Record<string, T>) => void} set
 */
export function forgiving(fields, set) {
  const changed = (/** @type {string} */ name) => {
    if (isComposing() || !(name in fields)) return;
    const { [name]: _, ...rest } = fields;
    set(rest);
  };
  const nameOf = (/** @type {Event} */ event) => /** @type {HTMLInputElement} */ (event.target).name;
  return {
    onInput: (/** @type {Event} */ event) => changed(nameOf(event)),
    onCompositionEnd: (/** @type {Event} */ event) => {
      const name = nameOf(event);
      setTimeout(() => changed(name));
    },
  };
}

/**
 * The focus into the first field that is wrong, once the form says so.
 * @param {HTMLElement} form
 */
export function focusWrong(form) {
  requestAnimationFrame(() => /** @type {HTMLElement | null} */ (form.querySelector('[aria-invalid="true"]'))?.focus());
}
