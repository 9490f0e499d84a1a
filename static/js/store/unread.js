/**
 * How many messages of others a person has not read, and how many of them address her: the server's count, and what is
 * known to have come after it.
 */

import { allRows, rowAt } from "parley/store/rows.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Log} Log */
/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {import("parley/store/shapes.js").RoomEntry} RoomEntry */
/** @typedef {import("parley/store/shapes.js").ReadPosition} ReadPosition */

export const UNREAD_BOUND = 100;
const REACH = 400;

/**
 * @param {Room} room
 * @param {Log | undefined} log
 * @param {string} me
 * @returns {{ unread: number, mentions: number }} each at most UNREAD_BOUND
 */
export function countsOf(room, log, me) {
  if (room.read_seq >= room.last_seq) return { unread: 0, mentions: 0 };
  const whole = log && room.last_seq - room.read_seq <= REACH ? count(log, me, room.read_seq, room.last_seq) : null;
  if (whole?.complete) return { unread: bounded(whole.unread), mentions: bounded(whole.mentions) };
  const { counted } = room;
  const from = Math.max(room.read_seq, counted.seq);
  const later = log ? count(log, me, Math.max(from, room.last_seq - REACH), room.last_seq) : { unread: 0, mentions: 0 };
  if (room.read_seq > counted.seq) return { unread: bounded(later.unread), mentions: bounded(later.mentions) };
  return { unread: bounded(counted.unread + later.unread), mentions: bounded(counted.mentions + later.mentions) };
}

/**
 * @param {Room} room
 * @param {Log | undefined} log
 * @param {string} me
 * @returns {number} at most UNREAD_BOUND
 */
export function unreadOf(room, log, me) {
  return countsOf(room, log, me).unread;
}

/**
 * What the server counted, up to which message and with which changes in it.
 * @param {RoomEntry | ReadPosition} given
 * @returns {Room["counted"]}
 */
export function countedIn({ last_seq, rev, unread, mentions = 0 }) {
  return { seq: last_seq, rev, unread, mentions };
}

/**
 * The server's count after a message it counted was replaced: deleted, or edited so that it addresses somebody else.
 * At the bound nobody knows how many there are: the server's next count settles it.
 * @param {Room} room
 * @param {Message | undefined} held
 * @param {Message} row
 * @param {number} rev the frame's
 * @param {string} me
 * @returns {Room}
 */
export function recounted(room, held, row, rev, me) {
  const { counted } = room;
  if (row.seq <= room.read_seq || row.seq > counted.seq || rev <= counted.rev) return room;
  let { unread, mentions } = counted;
  if (row.deleted && !held?.deleted && row.author.id !== me && unread < UNREAD_BOUND) unread = Math.max(0, unread - 1);
  if (held && held.rev < row.rev && mentions < UNREAD_BOUND) {
    mentions = Math.max(0, mentions + Number(addresses(row, me)) - Number(addresses(held, me)));
  }
  if (unread === counted.unread && mentions === counted.mentions) return room;
  return { ...room, counted: { ...counted, unread, mentions } };
}

/**
 * The room after its reader has read up to a seq; reading never goes back.
 * @param {Room} room
 * @param {Log | undefined} log
 * @param {string} me
 * @param {number} seq
 * @returns {Room}
 */
export function readUpTo(room, log, me, seq) {
  if (seq <= room.read_seq) return room;
  let { counted } = room;
  if (seq >= counted.seq) {
    if (counted.unread || counted.mentions) counted = { ...counted, unread: 0, mentions: 0 };
  } else if (log && counted.unread) {
    const read = count(log, me, Math.max(room.read_seq, seq - REACH), seq);
    const unread = Math.max(0, counted.unread - read.unread);
    counted = { ...counted, unread, mentions: Math.max(0, counted.mentions - read.mentions) };
  }
  return { ...room, read_seq: seq, counted };
}

/**
 * The room with the server's word about its reader's position. One that was set back (`rewinds`) more often than is
 * known replaces the held one, one as often only moves it forward, one less often is stale.
 * @param {Room} room
 * @param {Log | undefined} log
 * @param {string} me
 * @param {RoomEntry | ReadPosition} position
 * @returns {Room}
 */
export function positioned(room, log, me, position) {
  const { rewinds = 0 } = position;
  const known = room.rewinds ?? 0;
  if (rewinds < known) return room;
  const last_seq = Math.max(room.last_seq, position.last_seq);
  const next = { ...room, last_seq, read_seq: position.read_seq, counted: countedIn(position) };
  if (rewinds === known) return readUpTo(next, log, me, room.read_seq);
  return readUpTo({ ...next, rewinds }, log, me, log ? ownAfter(log, me, position.last_seq) : 0);
}

/**
 * @param {Log} log
 * @param {string} me
 * @param {number} seq
 * @returns {number} the reader's newest held message after a seq; 0 without one
 */
export function ownAfter(log, me, seq) {
  if (log.rows.top <= seq) return 0;
  return allRows(log.rows).reduce((newest, row) => (row.seq > seq && row.author.id === me ? row.seq : newest), 0);
}

/**
 * Whether a person can have a message unread: it is somebody else's, and was not taken back.
 * @param {Message} row
 * @param {string} me
 */
export function canBeUnread(row, me) {
  return !row.deleted && row.author.id !== me;
}

/**
 * Whether anything from a message on can be unread; of what is not held nobody knows better.
 * @param {Log} log
 * @param {string} me
 * @param {number} from
 * @param {number} upTo
 */
export function anyUnreadFrom(log, me, from, upTo) {
  for (let seq = from; seq <= upTo; seq += 1) {
    const row = rowAt(log.rows, seq);
    if (!row || canBeUnread(row, me)) return true;
  }
  return false;
}

/**
 * Whether somebody else's message addresses a person.
 * @param {Message} row
 * @param {string} me
 */
export function addresses(row, me) {
  return canBeUnread(row, me) && Boolean(row.mentions_room || row.mentions?.includes(me));
}

/**
 * @param {Log} log
 * @param {string} me
 * @param {number} after
 * @param {number} upTo
 */
function count(log, me, after, upTo) {
  let unread = 0;
  let mentions = 0;
  let complete = true;
  for (let seq = after + 1; seq <= upTo; seq += 1) {
    const row = rowAt(log.rows, seq);
    if (!row) complete = false;
    else if (canBeUnread(row, me)) {
      unread += 1;
      if (addresses(row, me)) mentions += 1;
    }
  }
  return { unread, mentions, complete };
}

/** @param {number} count */
function bounded(count) {
  return Math.max(0, Math.min(UNREAD_BOUND, count));
}
