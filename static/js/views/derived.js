/** What several views read off the store. */

import { computed, signal } from "@preact/signals";
import { t } from "parley/lib/i18n.js";
import { unreadOf } from "parley/store/unread.js";
import { client } from "parley/views/client.js";
import { go, pathOf, route } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */

/** @param {Room} room */
export function roomName(room) {
  if (room.kind === "group") return room.name || room.people?.map(nameOf).join(", ") || t("room.direct");
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

/** Rooms by name, direct conversations by who spoke last, each with what is unread. */
export const roomList = computed(() => {
  const { rooms, logs, me } = client.state.value;
  const list = Object.values(rooms).map((room) => ({
    room,
    name: roomName(room),
    unread: unreadOf(room, logs[room.id], me?.id ?? ""),
  }));
  const collator = new Intl.Collator(document.documentElement.lang);
  list.sort((a, b) => collator.compare(a.name, b.name) || a.room.id.localeCompare(b.room.id));
  return {
    rooms: list.filter((item) => item.room.kind !== "direct"),
    direct: list.filter((item) => item.room.kind === "direct"),
    unread: list.reduce((sum, item) => sum + item.unread, 0),
  };
});

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

let toastCount = 0;

/** @param {string} text */
export function toast(text) {
  toastCount += 1;
  const id = toastCount;
  toasts.value = [...toasts.value, { id, text }];
  setTimeout(() => (toasts.value = toasts.value.filter((one) => one.id !== id)), 6000);
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
