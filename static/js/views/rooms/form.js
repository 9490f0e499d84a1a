/** What forms in dialogs share. */

import { ownsKey } from "parley/lib/ime.js";

/**
 * An Enter that chooses a candidate sends no form.
 * @param {KeyboardEvent} event
 */
export function onEnter(event) {
  if (event.key === "Enter" && ownsKey(event)) event.preventDefault();
}
