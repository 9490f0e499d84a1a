/** Why a person cannot write in a room, if she cannot. Pure: what she is told stands in the composer's place. */

import { t } from "parley/lib/i18n.js";
import { when } from "parley/lib/time.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Person} Person */
/** @typedef {{ key: string, name: string, until: number | null }} Reason `until`: when it is over by itself */

/** "Until somebody lifts it": a time of muting that nobody waits for. */
export const UNTIL_LIFTED = 4_102_444_800_000;

/**
 * Whether somebody leads a room: a guest never does.
 * @param {{ role: string }} stint
 * @param {{ role: string } | null} person of the workspace
 */
export function leads({ role }, person) {
  return (role === "owner" || role === "moderator") && person?.role !== "guest";
}

/**
 * @param {{ muted_until?: number }} stint
 * @param {number} [now]
 */
export function isMuted({ muted_until = 0 }, now = Date.now()) {
  return muted_until > now;
}

/**
 * @param {Room} room
 * @param {{ id: string, role: string } | null} me
 * @param {Record<string, Person>} people
 * @param {number} [now]
 * @returns {Reason | null}
 */
export function whyNot(room, me, people, now = Date.now()) {
  if (room.archived) return { key: "room.archived.long", name: "", until: null };
  const other = room.counterpart && (people[room.counterpart.id] ?? room.counterpart);
  if (other?.deactivated) return { key: "composer.not.deactivated", name: other.name, until: null };
  const muted = room.muted_until ?? 0;
  if (muted >= UNTIL_LIFTED) return { key: "composer.not.muted.open", name: "", until: null };
  if (muted > now) return { key: "composer.not.muted", name: "", until: muted };
  if (room.announcement && !leads(room, me)) return { key: "composer.not.announcement", name: "", until: null };
  return null;
}

/**
 * What a person may do with a message, as the server will judge it (chat/policies.py).
 * @param {import("parley/store/shapes.js").Message} row
 * @param {Room | undefined} room
 * @param {{ id: string, role: string } | null} me
 * @param {Record<string, Person>} people
 */
export function mayWith(row, room, me, people) {
  if (!room || row.deleted) return { reply: false, edit: false, erase: false };
  const mine = row.author.id === me?.id;
  const posts = whyNot(room, me, people) === null;
  const moderates = (room.kind === "public" || room.kind === "private") && leads(room, me);
  return { reply: posts, edit: posts && mine, erase: !room.archived && (mine || moderates) };
}

/**
 * @param {Reason} reason
 * @param {number} [now]
 */
export function whyNotSentence({ key, name, until }, now = Date.now()) {
  return t(key, { name, until: until === null ? "" : when(until, now) });
}
