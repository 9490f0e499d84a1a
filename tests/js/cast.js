/** One cast and small makers for the tests of the browser's modules. */

import { apply, emptyState } from "parley/store/reduce.js";

export const ALICE = { id: "1", handle: "alice", name: "Alice" };
export const BOB = { id: "2", handle: "bob", name: "Bob" };
export const ME = { ...ALICE, email: "", language: "en", time_zone: "UTC", role: "owner" };

export function entry(more = {}) {
  return {
    id: "7", kind: "public", name: "general", topic: "", archived: false, role: "member", joined_rev: 1,
    rev: 10, last_seq: 5, read_seq: 5, unread: 0, ...more,
  };
}

export function message(seq, rev, more = {}) {
  const { author = BOB, ...rest } = more;
  return {
    seq, rev, client_id: `c${seq}`, author: { id: author.id, name: author.name }, text: `text ${seq}`,
    html: `<p>text ${seq}</p>`, created_at: 1_700_000_000_000 + seq * 1000, ...rest,
  };
}

export function frame(type, prev, rev, more = {}) {
  return { id: `7.${rev}`, ts: 0, type, payload: { room: "7", prev, rev, ...more } };
}

export function created(seq, rev, more = {}) {
  return frame("message.created", rev - 1, rev, { message: message(seq, rev, more) });
}

export function ready(entries, more = {}) {
  return {
    id: "s1", ts: 0, type: "ready",
    payload: { connection: "c", user: { ...ME, rev: 3 }, epoch: "e1", heartbeat: { interval_s: 30, misses: 3 }, limits: {}, rooms: entries, resume: {}, ...more },
  };
}

/** Alice, in room 7 at rev 10 with nothing unread. */
export function start(more = {}) {
  return apply(emptyState(ME), ready([entry(more)]));
}
