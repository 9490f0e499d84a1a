/** How many messages of others a person has not read: the server's count, and what is known to have come after it. */

import { rowAt } from "parley/store/rows.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Log} Log */

export const UNREAD_BOUND = 100;
const REACH = 400;

/**
 * @param {Room} room
 * @param {Log | undefined} log
 * @param {string} me
 * @returns {number} at most UNREAD_BOUND
 */
export function unreadOf(room, log, me) {
  if (room.read_seq >= room.last_seq) return 0;
  const whole = log && room.last_seq - room.read_seq <= REACH ? count(log, me, room.read_seq, room.last_seq) : null;
  if (whole?.complete) return Math.min(UNREAD_BOUND, whole.unread);
  const { counted } = room;
  const from = Math.max(room.read_seq, counted.seq);
  const later = log ? count(log, me, Math.max(from, room.last_seq - REACH), room.last_seq).unread : 0;
  const before = room.read_seq >= counted.seq ? 0 : counted.unread;
  return Math.max(0, Math.min(UNREAD_BOUND, before + later));
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
    counted = counted.unread ? { ...counted, unread: 0 } : counted;
  } else if (log && counted.unread) {
    const { unread } = count(log, me, Math.max(room.read_seq, seq - REACH), seq);
    counted = { ...counted, unread: Math.max(0, counted.unread - unread) };
  }
  return { ...room, read_seq: seq, counted };
}

/**
 * @param {Log} log
 * @param {string} me
 * @param {number} after
 * @param {number} upTo
 */
function count(log, me, after, upTo) {
  let unread = 0;
  let complete = true;
  for (let seq = after + 1; seq <= upTo; seq += 1) {
    const row = rowAt(log.rows, seq);
    if (!row) complete = false;
    else if (!row.deleted && row.author.id !== me) unread += 1;
  }
  return { unread, complete };
}
