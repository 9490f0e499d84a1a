/** How one keeps a room in one's list: shown at once, told to the server, taken back if it refuses. */

import { apply } from "parley/store/reduce.js";

/** @typedef {import("parley/store/client.js").Client} Client */
/** @typedef {{ favourite?: boolean, folder?: string, notify?: "all" | "mentions" | "none", place?: number }} Wish */

/** How long the name of a folder may be: as the server judges it (chat/services/wording.py). */
export const FOLDER_LENGTH = 40;

/**
 * @param {Client} client
 * @param {string} id the room's
 * @param {Wish} wish what is left out stays as it is
 * @returns {Promise<void>}
 */
export async function prefer(client, id, wish) {
  const room = client.state.value.rooms[id];
  if (!room) return;
  const { favourite = false, folder = "", notify = "all", place = 0 } = room;
  const before = { favourite, folder, notify, place };
  show(client, id, wish);
  try {
    await client.socket.ask("room.prefer", { room: id, ...wish });
  } catch (error) {
    const kept = Object.fromEntries(Object.keys(wish).map((name) => [name, before[/** @type {keyof Wish} */ (name)]]));
    show(client, id, kept);
    throw error;
  }
}

/**
 * @param {Client} client
 * @param {string} id
 */
export function markAllRead(client, id) {
  const room = client.state.value.rooms[id];
  if (room) client.reads.mark(id, room.last_seq);
}

/**
 * @param {Client} client
 * @param {string} id
 * @param {Wish} wish
 */
function show(client, id, wish) {
  client.state.value = apply(client.state.value, { type: "prefer", payload: { room: id, ...wish } });
}
