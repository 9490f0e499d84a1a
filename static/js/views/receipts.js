/**
 * Who has read up to here, in rooms of few people: quiet faces in the margin of the last message each has read. The
 * margin is nobody else's, so a face that comes or goes moves nothing.
 */

import { html } from "htm/preact";
import { listOf, t } from "parley/lib/i18n.js";
import { initials } from "parley/lib/text.js";
import { RECEIPTS_MAX } from "parley/store/reads.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { memo } from "parley/views/memo.js";
import { personOf } from "parley/views/person.js";

/** @typedef {import("parley/store/shapes.js").Message} Row */

const FACES = 3;

/**
 * Whether people are told here who has read what; false until it is known how many they are.
 * @param {string} room
 */
export function hasReceipts(room) {
  const { rooms, logs } = client.state.value;
  const log = logs[room];
  if (!rooms[room] || !log?.membersLoaded || log.stints[client.me]?.left_rev != null) return false;
  const there = Object.values(log.stints).filter((stint) => stint.left_rev == null);
  return there.length > 1 && there.length <= RECEIPTS_MAX;
}

/**
 * How far the others have read who are in the room; null where nobody is told.
 * @param {string} room
 * @returns {[user: string, seq: number][] | null}
 */
function positions(room) {
  const { room: here, read } = client.reads.receipts.value;
  if (here !== room || !hasReceipts(room)) return null;
  const { stints } = client.state.value.logs[room];
  return Object.entries(read).filter(([user]) => user !== client.me && stints[user] && stints[user].left_rev == null);
}

/**
 * Whether a message is from before somebody came: no position of hers says that she has read it. (What was changed
 * since has a later rev, and is taken for said since.)
 * @param {string} room
 * @param {string} user
 * @param {Row} row
 */
function isBefore(room, user, row) {
  return row.rev < client.state.value.logs[room].stints[user].joined_rev;
}

/**
 * Per message the people whose last read one it is, as one text: equal texts draw nothing anew. Who wrote it is not
 * among them: that she has read it goes without saying.
 * @param {string} room
 * @param {(seq: number) => Row | undefined} at
 * @param {number} last
 * @returns {Map<number, string>}
 */
export function facesBySeq(room, at, last) {
  /** @type {Map<number, string>} */
  const faces = new Map();
  for (const [user, read] of positions(room) ?? []) {
    const seq = Math.min(read, last);
    const row = at(seq);
    if (row && (row.author.id === user || isBefore(room, user, row))) continue;
    faces.set(seq, faces.has(seq) ? `${faces.get(seq)} ${user}` : user);
  }
  return faces;
}

/**
 * The others who have read a message; null where nobody is told.
 * @param {string} room
 * @param {Row} row
 */
export function readersOf(room, row) {
  const found = positions(room);
  const hasRead = (/** @type {[user: string, seq: number]} */ [user, seq]) =>
    seq >= row.seq && user !== row.author.id && !isBefore(room, user, row);
  return found && found.filter(hasRead).map(([user]) => user);
}

/**
 * There is room for one sign: the first of those her picture's place shows elsewhere.
 * @param {string} id
 */
function signOf(id) {
  return [...initials(personOf(id)?.name ?? "")][0] ?? "";
}

/** @param {{ users: string }} props ids, with spaces between them */
function view({ users }) {
  const ids = users.split(" ");
  const names = ids.map((id) => personOf(id)?.name ?? "").filter(Boolean);
  const label = t("receipts.by", { names: listOf(names) });
  const shown = ids.length > FACES ? ids.slice(0, FACES - 1) : ids;
  return html`<span class="receipts" role="img" aria-label=${label} title=${label}>
    ${shown.map((id) => html`<${Avatar} key=${id} id=${id} name=${signOf(id)} small />`)}
    ${ids.length > shown.length && html`<span class="receipts-more" aria-hidden="true">+${ids.length - shown.length}</span>`}
  </span>`;
}

export const Receipts = memo(view);
