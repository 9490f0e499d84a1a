/** The one client of the page, for all views. */

/** @type {import("parley/store/client.js").Client} */
export let client;

/** @param {import("parley/store/client.js").Client} made */
export function provide(made) {
  client = made;
}
