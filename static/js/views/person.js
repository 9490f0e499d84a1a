/** People as they are now. */

import { computed } from "@preact/signals";
import { client } from "parley/views/client.js";

/** @typedef {import("parley/store/shapes.js").Person} Person */

/** @type {Map<string, import("@preact/signals").ReadonlySignal<Person | undefined>>} */
const watched = new Map();

/**
 * A person, if one is held. Who draws it is drawn again when she changes, not whenever anything does.
 * @param {string} id
 * @returns {Person | undefined}
 */
export function personOf(id) {
  let one = watched.get(id);
  if (!one) {
    one = computed(() => client.state.value.people[id]);
    watched.set(id, one);
  }
  return one.value;
}

/**
 * What somebody says of herself at the moment.
 * @param {Person} person
 * @param {number} [now]
 */
export function statusOf({ status = "", status_until }, now = Date.now()) {
  return status_until && status_until <= now ? "" : status;
}

/** @param {string} picture the address of the 96 pixels */
export function largePicture(picture) {
  return picture.replace(/96\.webp$/, "512.webp");
}
