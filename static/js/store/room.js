/** A room as the list shows it: what the wire says of it, without what has its default. */

import { countedIn, ownAfter, positioned } from "parley/store/unread.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Log} Log */
/** @typedef {import("parley/store/shapes.js").RoomEntry} RoomEntry */

/** @type {Record<string, unknown>} */
const DEFAULTS = { mention_room: "auto", notify: "all" };

/**
 * @param {RoomEntry} entry
 * @returns {Room}
 */
export function entered(entry) {
  const { id, kind, name, topic, archived, role, joined_rev, last_seq, read_seq, rewinds } = entry;
  const counterpart = entry.counterpart ?? null;
  const counted = countedIn(entry);
  /** @type {Room} */
  const room = { id, kind, name, topic, archived, role, joined_rev, last_seq, read_seq, counterpart, counted, settingsRev: 0 };
  const { people, announcement, mention_room, muted_until, favourite, folder, notify, place, draft } = entry;
  return changed(room, {
    rewinds, people, announcement, mention_room, muted_until, favourite, folder, notify, place, draft,
  });
}

/**
 * A room that is held, as the server describes it anew. What is newer here stays.
 * @param {Room} before
 * @param {RoomEntry} entry
 * @param {Log | undefined} log
 * @param {string} me
 * @returns {Room}
 */
export function reentered(before, entry, log, me) {
  if (before.joined_rev !== entry.joined_rev) return entered(entry);
  const { last_seq, read_seq, rewinds, counted } = before;
  let room = changed({ ...entered(entry), last_seq, read_seq, counted }, { rewinds });
  if (before.settingsRev > entry.rev) {
    const { name, topic, archived, kind, settingsRev, announcement, mention_room } = before;
    room = changed({ ...room, name, topic, archived, kind, settingsRev }, { announcement, mention_room });
  }
  room = positioned(room, log, me, entry);
  return room.draft && log && ownAfter(log, me, room.draft.seq) ? undrafted(room) : room;
}

/**
 * @param {Room} room
 * @param {import("parley/store/shapes.js").RoomSettings} settings
 * @returns {Room}
 */
export function settled(room, { name, topic, archived, kind, rev, announcement, mention_room }) {
  return changed({ ...room, name, topic, archived, kind, settingsRev: rev }, { announcement, mention_room });
}

/**
 * @param {Room} room
 * @param {import("parley/store/shapes.js").Preferences} preferences
 * @returns {Room}
 */
export function preferred(room, { favourite, folder, notify, place }) {
  return changed(room, { favourite, folder, notify, place });
}

/**
 * What is begun in a room; without text it was thrown away, and an own message after it makes it void.
 * @param {Room} room
 * @param {Log | undefined} log
 * @param {string} me
 * @param {import("parley/store/shapes.js").DraftState} draft
 * @returns {Room}
 */
export function drafted(room, log, me, draft) {
  return draft.text && !(log && ownAfter(log, me, draft.seq)) ? { ...room, draft } : undrafted(room);
}

/**
 * @param {Room} room
 * @returns {Room}
 */
export function undrafted(room) {
  return room.draft ? changed(room, { draft: undefined }) : room;
}

/**
 * A stint of the reader's own.
 * @param {Room} room
 * @param {import("parley/store/shapes.js").Membership} stint
 * @returns {Room}
 */
export function served(room, { role, muted_until }) {
  return room.role === role && room.muted_until === muted_until ? room : changed({ ...room, role }, { muted_until });
}

/**
 * Who left a group is no longer among its people.
 * @param {Room} room
 * @param {string} user
 * @returns {Room}
 */
export function without(room, user) {
  if (!room.people?.some((person) => person.id === user)) return room;
  return changed(room, { people: room.people.filter((person) => person.id !== user) });
}

/**
 * What has its default is left out.
 * @param {Room} room
 * @param {Partial<Room>} values
 * @returns {Room}
 */
function changed(room, values) {
  /** @type {Record<string, unknown>} */
  const next = { ...room };
  for (const [name, value] of Object.entries(values)) {
    const empty = !value || value === DEFAULTS[name] || (Array.isArray(value) && !value.length);
    if (empty) delete next[name];
    else next[name] = value;
  }
  return /** @type {Room} */ (next);
}
