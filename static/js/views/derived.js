/** What several views read off the store. */

import { computed, signal } from "@preact/signals";
import { t } from "parley/lib/i18n.js";
import { shelfGet, shelfSet } from "parley/lib/shelf.js";
import { countsOf } from "parley/store/unread.js";
import { client } from "parley/views/client.js";
import { arrange, itemOf, NO_LIST } from "parley/views/roomlist.js";
import { go, pathOf, route } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/views/roomlist.js").Item} Item */

/** @param {Room} room */
export function roomName(room) {
  if (room.kind === "group") return room.name || room.people?.map(nameOf).join(t("name.and")) || t("room.direct");
  if (room.kind !== "direct") return room.name;
  const other = room.counterpart;
  if (!other) return t("room.direct");
  if (other.id === client.me) return t("room.self", { name: other.name });
  return nameOf(other);
}

/** @param {import("parley/store/shapes.js").Person} person as she was when the room was entered */
function nameOf({ id, name }) {
  return client.state.value.people[id]?.name || name;
}

export const currentRoom = computed(() => {
  const { room } = route.value;
  return room === null ? null : (client.state.value.rooms[room] ?? null);
});

/** What was last worked out for a room, and from what. @type {Map<string, { room: Room, log: unknown, item: Item }>} */
let worked = new Map();
/** @type {import("parley/views/roomlist.js").RoomList} */
let arranged = NO_LIST;
/** @type {Intl.Collator | null} */
let collator = null;

/** Whether the server has ever said which conversations there are: before that none is not known to be none. */
export const listKnown = computed(() => client.state.value.epoch !== null);

/** The conversations in their sections, each with what is unread. The same object as long as nothing of it changes. */
export const roomList = computed(() => {
  const { rooms, logs, me } = client.state.value;
  /** @type {typeof worked} */
  const next = new Map();
  for (const id in rooms) {
    const room = rooms[id];
    const log = logs[id];
    const before = worked.get(id);
    const name = roomName(room);
    const fresh = before?.room === room && (before.log === log || room.read_seq >= room.last_seq) && before.item.name === name;
    const item = fresh ? before.item : itemOf(before?.item, room, name, countsOf(room, log, me?.id ?? ""));
    next.set(id, before && fresh && before.log === log ? before : { room, log, item });
  }
  worked = next;
  collator ??= new Intl.Collator(document.documentElement.lang, { numeric: true });
  arranged = arrange([...next.values()].map((one) => one.item), arranged, collator.compare);
  return arranged;
});

const draftIds = computed(() => {
  const { rooms } = client.state.value;
  const here = route.value.room;
  return [...client.drafts.rooms.value].filter((id) => id !== here && rooms[id]).join();
});

/** Rooms in which something is begun and not sent, but for the one on screen. */
export const draftRooms = computed(() => new Set(draftIds.value.split(",").filter(Boolean)));

const RECENT = 40;
const lastKey = () => `parley.last.${client.me}`;

/** The rooms one was in on this device, the last one first. */
export function recent() {
  return (shelfGet(lastKey()) ?? "").split(",").filter(Boolean);
}

/** @param {string} room one is in it now */
export function visited(room) {
  shelfSet(lastKey(), [room, ...recent().filter((id) => id !== room)].slice(0, RECENT).join());
}

/** What the view on screen is called, if it is no room: for the document's title. */
export const heading = signal("");

/** Which message is being edited: "<room> <seq>". */
export const editing = signal("");

/** Which message shows its actions on a touch screen. */
export const selected = signal("");

/** @type {import("@preact/signals").Signal<{ name: string, [more: string]: any } | null>} */
export const dialog = signal(null);

/** Whether the dialog that just closed led to a room: then the next words belong there. */
export const arrival = { made: false };

/**
 * What a dialog led to.
 * @param {string} room
 */
export function arrive(room) {
  arrival.made = true;
  dialog.value = null;
  if (route.value.room !== room) go(pathOf(room));
}

/** @type {import("@preact/signals").Signal<{ id: number, text: string }[]>} */
export const toasts = signal([]);

/** More at once nobody reads. */
const TOASTS_MAX = 2;
const TOAST_MS = 4500;

let toastCount = 0;

/** @param {string} text */
export function toast(text) {
  toastCount += 1;
  const id = toastCount;
  toasts.value = [...toasts.value, { id, text }].slice(-TOASTS_MAX);
  setTimeout(() => (toasts.value = toasts.value.filter((one) => one.id !== id)), TOAST_MS);
}

/**
 * A sentence for what went wrong.
 * @param {unknown} error
 */
export function sentence(error) {
  const { message, code } = /** @type {{ message?: string, code?: string }} */ (error ?? {});
  if (code === "disconnected") return t("error.disconnected");
  return message && code ? message : t("error.unknown");
}
