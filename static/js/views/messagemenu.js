/** What can be done with a message: one list for the pointer's tools, the menu, a long press and the keys. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { anyUnreadFrom } from "parley/store/unread.js";
import { Avatar } from "parley/views/avatar.js";
import { singleKeys } from "parley/views/choices.js";
import { client } from "parley/views/client.js";
import { copy } from "parley/views/clipboard.js";
import { dialog, editing, selected, sentence, toast } from "parley/views/derived.js";
import { wordsOf } from "parley/views/markup.js";
import { personOf } from "parley/views/person.js";
import { openMenu } from "parley/views/popover.js";
import { mayWith } from "parley/views/postable.js";
import { readersOf } from "parley/views/receipts.js";
import { go, pathOf, showPane } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Message} Row */

/**
 * @param {string} id the room's
 * @param {Row} row
 */
export function mayHere(id, row) {
  const { rooms, me, people } = client.state.value;
  return mayWith(row, rooms[id], me, people);
}

/**
 * @param {string} room
 * @param {Row} row
 */
export function edit(room, row) {
  selected.value = "";
  editing.value = `${room} ${row.seq}`;
}

/**
 * @param {string} room
 * @param {Row} row
 */
export function copyLink(room, row) {
  copy(location.origin + pathOf(room, row.seq), t("message.link-copied"));
}

/**
 * From this message on it is unread again, on every device. It stays so until one leaves the room, writes in it or
 * presses Esc: the list does not read what was set back before its eyes.
 * @param {string} room
 * @param {Row} row
 */
export async function markUnread(room, row) {
  selected.value = "";
  const { logs, rooms } = client.state.value;
  if (logs[room] && !anyUnreadFrom(logs[room], client.me, row.seq, rooms[room]?.last_seq ?? row.seq)) return toast(t("message.unread.none"));
  try {
    await client.reads.rewind(room, row.seq - 1);
    toast(t("message.unread.done"));
  } catch (error) {
    toast(sentence(error));
  }
}

/**
 * Its own words, as they were typed where they were not formatted.
 * @param {Row} row
 */
function copyText(row) {
  copy(row.text || wordsOf(row));
}

/**
 * @param {HTMLElement} anchor
 * @param {{ room: string, row: Row, onReply: (row: Row) => void, onClose?: () => void, all?: boolean }} what `all`: also
 *   what stands beside the message where a pointer is
 */
export function openMessageMenu(anchor, { room, row, onReply, onClose, all = false }) {
  openMenu(anchor, { label: t("message.tools"), onClose, entries: () => entriesOf(room, row, onReply, all) });
}

/**
 * @param {string} room
 * @param {Row} row
 * @param {(row: Row) => void} onReply
 * @param {boolean} all
 * @returns {import("parley/views/popover.js").Entry[]}
 */
function entriesOf(room, row, onReply, all) {
  const may = mayHere(room, row);
  const { author } = row;
  const readers = readersOf(room, row);
  // A key is told of where there are keys, and where they do something.
  const note = (/** @type {string} */ key) => (singleKeys.value === "on" && !matchMedia("(pointer: coarse)").matches ? key : undefined);
  /** @type {(import("parley/views/popover.js").Entry | false | null | undefined)[]} */
  const entries = [
    all && may.reply && { label: t("message.reply"), icon: "reply", note: note("R"), run: () => onReply(row) },
    all && may.edit && { label: t("message.edit"), icon: "edit", note: note("E"), run: () => edit(room, row) },
    row.reply_to != null && { label: t("quote.jump"), icon: "up", run: () => go(pathOf(room, row.reply_to)) },
    { label: t("message.copy-text"), icon: "copy", run: () => copyText(row) },
    { label: t("message.copy-link"), icon: "link", note: note("L"), run: () => copyLink(room, row) },
    { label: t("message.unread"), icon: "unread", note: note("U"), run: () => markUnread(room, row) },
    row.edited_at != null && { label: t("message.history"), icon: "clock", run: () => showPane(`history:${row.seq}`) },
    readers && {
      id: "readers",
      label: readers.length ? t("receipts.menu", { count: readers.length }) : t("receipts.unread"),
      icon: "people",
      view: () => html`<${Readers} room=${room} row=${row} />`,
    },
    { label: t("message.person", { name: personOf(author.id)?.name ?? author.name }), icon: "person", run: () => showPane(`person:${author.id}`) },
    may.erase && "line",
    may.erase && { label: t("message.delete"), icon: "trash", danger: true, run: () => (dialog.value = { name: "delete", room, row }) },
  ];
  return /** @type {import("parley/views/popover.js").Entry[]} */ (entries.filter(Boolean));
}

/** @param {{ room: string, row: Row }} props */
function Readers({ room, row }) {
  const readers = readersOf(room, row) ?? [];
  if (!readers.length) return html`<p class="help readers">${t("receipts.none")}</p>`;
  return html`<ul class="readers">${readers.map((id) => {
    const name = personOf(id)?.name ?? "";
    return html`<li key=${id}><${Avatar} id=${id} name=${name} small /><span dir="auto">${name}</span></li>`;
  })}</ul>`;
}
