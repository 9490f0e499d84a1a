/**
 * What was begun and not sent, per room: on this device at once, on the server a moment later, so that it is on all of
 * one's devices. It survives a reload, works offline, and this is how the two meet:
 *
 * - What is being written here and has not reached the server wins here, and goes to the server when it can.
 * - Otherwise the server's word is the newer one and fills the field, if nobody has touched it since.
 * - If both have words that the other does not know, the local ones stay in the field and the others are kept beside
 *   them (`aside`) until the person takes or discards them. No words are lost without her.
 */

import { effect, signal } from "@preact/signals";
import { isComposing } from "parley/lib/ime.js";
import { shelfGet, shelfKeys, shelfSet } from "parley/lib/shelf.js";
import { codePoints } from "parley/lib/text.js";

/** @typedef {{ text: string, reply_to: number | null }} Draft */
/**
 * As kept. `dirty`: the server does not have it yet. `base`: what the server had when this was written (as `keyOf`).
 * `aside`: words from another device that are in neither.
 * @typedef {Draft & { dirty: boolean, base: string, aside: string }} Kept
 */

const PUSH_MS = 1500;
const PUSH_MOST_MS = 8000;
/** An own message makes the server's draft void; only if none came it is thrown away by a call. */
const VOID_MS = 6000;
const LONGEST = 8000;

/** @type {Kept} */
const NOTHING = { text: "", reply_to: null, dirty: false, base: "", aside: "" };

export class Drafts {
  /**
   * @param {string} user
   * @param {{ state: import("@preact/signals").Signal<import("parley/store/shapes.js").State>,
   *   greeted: import("@preact/signals").Signal<boolean>, live: () => boolean,
   *   put: (room: string, draft: Draft) => Promise<any> } | null} [server]
   */
  constructor(user, server = null) {
    this.prefix = `parley.draft.${user}.`;
    this.server = server;
    this.closed = false;
    /** Rooms with a draft, for the list: one's own and the server's. @type {import("@preact/signals").Signal<Set<string>>} */
    this.rooms = signal(new Set(this.kept().filter((room) => this.get(room).text.trim())));
    /** The server's word came and stands in the records: an untouched field shows it. */
    this.arrived = signal(0);
    /** Rooms in whose field something happened since it was last kept. @type {Set<string>} */
    this.touched = new Set();
    /** @type {Map<string, { timer: any, since: number }>} */
    this.timers = new Map();
    /** What the server last said. @type {Map<string, unknown>} */
    this.said = new Map();
    /** What went to the server from here: its echo is nobody else's word. @type {Set<string>} */
    this.sent = new Set();
    /** @type {unknown} */
    this.seen = null;
    if (server) {
      effect(() => {
        const { rooms, arriving } = server.state.value;
        // What lies on disk of the server's drafts may be older than the records here.
        if (server.greeted.value && !arriving) this.hear(rooms);
      });
    }
  }

  /** @returns {string[]} rooms */
  kept() {
    return shelfKeys(this.prefix).map((key) => key.slice(this.prefix.length));
  }

  /**
   * @param {string} room
   * @returns {Draft & { aside: string }}
   */
  get(room) {
    const { text, reply_to, aside } = this.record(room);
    return { text, reply_to, aside };
  }

  /**
   * The field in this room is being written in: until `set`, nothing from elsewhere may replace it.
   * @param {string} room
   */
  touch(room) {
    this.touched.add(room);
  }

  /**
   * @param {string} room
   * @param {Draft} draft
   */
  set(room, { text, reply_to }) {
    if (this.closed) return;
    this.touched.delete(room);
    const before = this.record(room);
    if (before.text === text && before.reply_to === reply_to) return;
    this.keep(room, { ...before, text, reply_to, dirty: true });
    this.pushSoon(room, text.trim() ? PUSH_MS : VOID_MS);
  }

  /**
   * The words from another device: taken or discarded.
   * @param {string} room
   */
  settle(room) {
    this.keep(room, { ...this.record(room), aside: "" });
    this.arrived.value += 1;
  }

  // ---- the server ---------------------------------------------------------------------------------------------------

  /**
   * @param {string} room
   * @param {number} [ms]
   */
  pushSoon(room, ms = PUSH_MS) {
    if (!this.server) return;
    const running = this.timers.get(room);
    const now = Date.now();
    const since = running?.since ?? now;
    clearTimeout(running?.timer);
    const wait = Math.max(0, Math.min(ms, since + Math.max(PUSH_MOST_MS, ms) - now));
    this.timers.set(room, { since, timer: setTimeout(() => this.push(room), wait) });
  }

  /**
   * Bring it to the server now.
   * @param {string} room
   */
  async push(room) {
    clearTimeout(this.timers.get(room)?.timer);
    this.timers.delete(room);
    const { server } = this;
    if (!server || this.closed || !server.live()) return;
    if (isComposing()) return this.pushSoon(room);
    const record = this.record(room);
    const held = server.state.value.rooms[room];
    if (!record.dirty || !held || codePoints(record.text) > LONGEST) return;
    const key = keyOf(record);
    if (key === keyOf(held.draft)) return this.keep(room, { ...record, dirty: false, base: key });
    // From here on that is what the server has, whether its answer arrives or not.
    this.keep(room, { ...record, base: key });
    this.sent.add(`${room} ${key}`);
    try {
      await server.put(room, { text: record.text.trim() ? record.text : "", reply_to: record.reply_to });
    } catch {
      return;
    }
    const after = this.record(room);
    if (keyOf(after) === key) this.keep(room, { ...after, dirty: false });
  }

  /** What waits, once there is a connection: one after another, or a long absence would flood the server. */
  async flush() {
    for (const room of this.kept()) if (this.record(room).dirty) await this.push(room);
  }

  /**
   * The server's drafts, folded. Only what changed is a word.
   * @param {Record<string, import("parley/store/shapes.js").Room>} rooms
   */
  hear(rooms) {
    if (this.closed || rooms === this.seen) return;
    this.seen = rooms;
    let told = false;
    for (const room of Object.values(rooms)) {
      const { draft } = room;
      if (this.said.has(room.id) ? this.said.get(room.id) === draft : false) continue;
      if (!draft && !this.said.has(room.id) && shelfGet(this.prefix + room.id) === null) {
        this.said.set(room.id, draft);
        continue;
      }
      this.said.set(room.id, draft);
      if (this.meet(room.id, draft)) told = true;
    }
    if (told) this.arrived.value = this.arrived.peek() + 1;
  }

  /**
   * @param {string} room
   * @param {import("parley/store/shapes.js").DraftState | undefined} draft
   * @returns {boolean} whether an untouched field now shows something else
   */
  meet(room, draft) {
    const record = this.record(room);
    const key = keyOf(draft);
    if (key === keyOf(record)) {
      if (record.dirty || record.base !== key) this.keep(room, { ...record, dirty: false, base: key });
      return true;
    }
    const busy = record.dirty || this.touched.has(room) || isComposing();
    if (!busy) {
      this.keep(room, { ...record, text: draft?.text ?? "", reply_to: draft?.reply_to ?? null, dirty: false, base: key });
      return true;
    }
    // Nobody else's: what it had when these words were begun, or what was sent from here.
    if (key === record.base || this.sent.has(`${room} ${key}`)) return false;
    const words = draft?.text ?? "";
    const news = words.trim() && !record.text.includes(words) && !textOf(record.base).includes(words);
    this.keep(room, { ...record, dirty: true, base: key, aside: news ? words : record.aside });
    this.pushSoon(room);
    return Boolean(news);
  }

  // ---- the shelf ----------------------------------------------------------------------------------------------------

  /**
   * @param {string} room
   * @returns {Kept}
   */
  record(room) {
    try {
      const kept = JSON.parse(shelfGet(this.prefix + room) ?? "null");
      if (!kept) return NOTHING;
      const { text = "", reply_to = null, dirty = true, base = "", aside = "" } = kept;
      return { text: String(text), reply_to, dirty, base, aside };
    } catch {
      return NOTHING;
    }
  }

  /**
   * @param {string} room
   * @param {Kept} record
   */
  keep(room, record) {
    if (this.closed) return;
    const marked = Boolean(record.text.trim());
    const empty = !marked && record.reply_to === null && !record.aside;
    // An empty one is still worth a line while the server believes that there are words.
    const gone = empty && (record.base === "" || !record.dirty);
    shelfSet(this.prefix + room, gone ? null : JSON.stringify(record));
    const shown = this.rooms.peek();
    if (shown.has(room) === marked) return;
    const rooms = new Set(shown);
    if (marked) rooms.add(room);
    else rooms.delete(room);
    this.rooms.value = rooms;
  }
}

/**
 * What makes two drafts the same; "" is none. What is only an answer's beginning counts as none: the server keeps no
 * draft without words.
 * @param {{ text?: string, reply_to?: number | null } | undefined} draft
 */
function keyOf(draft) {
  return draft?.text?.trim() ? `${draft.reply_to ?? ""} ${draft.text}` : "";
}

/** @param {string} key */
function textOf(key) {
  return key.slice(key.indexOf(" ") + 1);
}
