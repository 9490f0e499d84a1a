/** What was begun and not sent, per room; it survives a reload. */

import { signal } from "@preact/signals";
import { shelfGet, shelfKeys, shelfSet } from "parley/lib/shelf.js";

/** @typedef {{ text: string, reply_to: number | null }} Draft */

export class Drafts {
  /** @param {string} user */
  constructor(user) {
    this.prefix = `parley.draft.${user}.`;
    this.closed = false;
    /** Rooms with a draft, for the list. @type {import("@preact/signals").Signal<Set<string>>} */
    this.rooms = signal(new Set(shelfKeys(this.prefix).map((key) => key.slice(this.prefix.length))));
  }

  /**
   * @param {string} room
   * @returns {Draft}
   */
  get(room) {
    try {
      const draft = JSON.parse(shelfGet(this.prefix + room) ?? "null");
      return { text: String(draft?.text ?? ""), reply_to: draft?.reply_to ?? null };
    } catch {
      return { text: "", reply_to: null };
    }
  }

  /**
   * @param {string} room
   * @param {Draft} draft
   */
  set(room, draft) {
    if (this.closed) return;
    const empty = !draft.text.trim() && draft.reply_to === null;
    shelfSet(this.prefix + room, empty ? null : JSON.stringify(draft));
    const marked = Boolean(draft.text.trim());
    if (this.rooms.value.has(room) === marked) return;
    const rooms = new Set(this.rooms.value);
    if (marked) rooms.add(room);
    else rooms.delete(room);
    this.rooms.value = rooms;
  }
}
