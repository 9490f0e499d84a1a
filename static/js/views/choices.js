/** How this person wants this device to be: kept here, not on the server. */

import { signal } from "@preact/signals";
import { shelfGet, shelfSet } from "parley/lib/shelf.js";

/**
 * @template {string} T
 * @param {string} name
 * @param {readonly T[]} values the first is what counts until one chooses
 */
function choice(name, values) {
  const key = `parley.choice.${name}`;
  const kept = /** @type {T} */ (shelfGet(key));
  const value = signal(values.includes(kept) ? kept : values[0]);
  return {
    values,
    get value() {
      return value.value;
    },
    set value(next) {
      value.value = next;
      shelfSet(key, next === values[0] ? null : next);
    },
  };
}

/** How much stands on a screen. */
export const density = choice("density", ["cozy", "compact"]);

/** Which keys send a message; the other ones break the line. */
export const sendKeys = choice("send", ["enter", "mod-enter"]);

/** Whether single keys (J, K, R, …) do something while no field has the focus. */
export const singleKeys = choice("keys", ["on", "off"]);

/** Which messages the browser tells of while the tab is in the background. */
export const notify = choice("notify", ["off", "mentions", "all"]);
