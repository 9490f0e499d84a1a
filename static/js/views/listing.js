/** From rows to what the list draws: days, groups, the divider. Pure. */

import { day } from "parley/lib/time.js";

/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {import("parley/store/outbox.js").Item} Item */
/** @typedef {{ kind: "row", key: string, row: Message, head: boolean } | { kind: "pending", key: string, item: Item, head: boolean }
 *   | { kind: "divider", key: string }} Entry */
/** @typedef {{ key: string, at: number, entries: Entry[] }} Day */

const GROUP_MS = 5 * 60_000;

/**
 * @param {Message[]} rows in seq order
 * @param {Item[]} pending in the order they were written
 * @param {string} me
 * @param {number | null} divider the seq after which the new ones begin
 * @returns {Day[]}
 */
export function listing(rows, pending, me, divider) {
  /** @type {Day[]} */
  const days = [];
  /** @type {{ author: string, at: number } | null} */
  let before = null;
  let divided = divider === null;
  const open = (/** @type {number} */ at) => {
    const key = day(at);
    const last = days[days.length - 1];
    // A clock set back must not open an earlier day below a later one.
    if (last && (last.key === key || at < last.at)) return last;
    const fresh = { key, at, entries: [] };
    days.push(fresh);
    before = null;
    return fresh;
  };
  const heads = (/** @type {string} */ author, /** @type {number} */ at) => {
    const head = !before || before.author !== author || at - before.at >= GROUP_MS;
    before = { author, at };
    return head;
  };
  for (const row of rows) {
    const group = open(row.created_at);
    if (!divided && row.seq > (divider ?? 0) && row.author.id !== me) {
      group.entries.push({ kind: "divider", key: "divider" });
      divided = true;
      before = null;
    }
    const head = heads(row.author.id, row.created_at) || row.reply_to != null;
    group.entries.push({ kind: "row", key: `${row.author.id} ${row.client_id}`, row, head });
  }
  for (const item of pending) {
    const group = open(Math.max(item.at, days[days.length - 1]?.at ?? 0));
    const head = heads(me, item.at) || item.reply_to !== null;
    group.entries.push({ kind: "pending", key: `${me} ${item.client_id}`, item, head });
  }
  return days;
}
