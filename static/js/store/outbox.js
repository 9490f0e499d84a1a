/**
 * What was sent and not yet acknowledged. It lies on disk under its own key, so a reload, a crash or a second tab
 * loses nothing and overwrites nothing; the same client_id goes out again and the server knows it.
 */

import { signal } from "@preact/signals";
import { shelfGet, shelfKeys, shelfSet } from "parley/lib/shelf.js";

/**
 * `acked`: stored by the server, its row has not arrived here yet. `name`: the room's, which may be gone by then.
 * @typedef {{ client_id: string, room: string, text: string, reply_to: number | null, at: number, tab: string,
 *   state: "queued" | "sending" | "acked" | "failed", error: string, seq?: number, name?: string }} Item
 */

export class Outbox {
  /**
   * @param {string} user
   * @param {string} tab
   */
  constructor(user, tab) {
    this.prefix = `parley.out.${user}.`;
    this.tab = tab;
    this.closed = false;
    /** @type {import("@preact/signals").Signal<Item[]>} */
    this.items = signal([]);
  }

  /**
   * Take over what other tabs left behind. A living tab holds its lock; where there are no locks, everything is taken:
   * sending twice is harmless.
   */
  async adopt() {
    const held = await livingTabs();
    const mine = new Set(this.items.value.map((item) => item.client_id));
    /** @type {Item[]} */
    const found = [];
    for (const key of shelfKeys(this.prefix)) {
      try {
        const item = /** @type {Item} */ (JSON.parse(shelfGet(key) ?? "null"));
        if (!item || mine.has(item.client_id) || (item.tab !== this.tab && held.has(item.tab))) continue;
        found.push({ ...item, tab: this.tab, state: item.state === "failed" ? "failed" : "queued" });
      } catch {
        shelfSet(key, null);
      }
    }
    if (!found.length) return;
    found.sort((a, b) => a.at - b.at);
    for (const item of found) this.keep(item);
    this.items.value = [...found, ...this.items.value];
  }

  /**
   * @param {string} room
   * @param {string} text
   * @param {number | null} reply_to
   * @param {string} [name]
   * @returns {Item}
   */
  add(room, text, reply_to, name) {
    /** @type {Item} */
    const item = {
      client_id: crypto.randomUUID?.() ?? randomId(),
      room,
      text,
      reply_to,
      at: Date.now(),
      tab: this.tab,
      state: "queued",
      error: "",
      ...(name ? { name } : {}),
    };
    this.keep(item);
    this.items.value = [...this.items.value, item];
    return item;
  }

  /**
   * The next one to send of each room: in order, one in flight a room; a failed one holds nobody up.
   * @returns {Item[]}
   */
  next() {
    /** @type {Map<string, Item | null>} */
    const heads = new Map();
    for (const item of this.items.value) {
      if (item.state === "failed" || item.state === "acked") continue;
      if (!heads.has(item.room)) heads.set(item.room, item.state === "queued" ? item : null);
      else if (item.state === "sending") heads.set(item.room, null);
    }
    return [...heads.values()].filter((item) => item !== null);
  }

  /**
   * @param {string} client_id
   * @param {Partial<Item>} change
   */
  change(client_id, change) {
    this.items.value = this.items.value.map((item) => (item.client_id === client_id ? { ...item, ...change } : item));
    const item = this.items.value.find((one) => one.client_id === client_id);
    if (!item) return;
    if (item.state === "acked") shelfSet(this.prefix + client_id, null);
    else this.keep(item);
  }

  /** @param {string} client_id */
  remove(client_id) {
    shelfSet(this.prefix + client_id, null);
    if (this.items.value.some((item) => item.client_id === client_id)) {
      this.items.value = this.items.value.filter((item) => item.client_id !== client_id);
    }
  }

  /** What was in flight on a lost socket is sent again; the server tells the second from the first. */
  requeue() {
    if (!this.items.value.some((item) => item.state === "sending")) return;
    this.items.value = this.items.value.map((item) => (item.state === "sending" ? { ...item, state: "queued" } : item));
  }

  /** @param {Item} item */
  keep(item) {
    if (!this.closed) shelfSet(this.prefix + item.client_id, JSON.stringify(item));
  }
}

/**
 * Hold this tab's lock for as long as it lives.
 * @param {string} tab
 * @returns {() => void} lets go of it: what is in the outbox is then anybody's
 */
export function holdTab(tab) {
  let release = () => {};
  const held = new Promise((resolve) => (release = () => resolve(undefined)));
  navigator.locks?.request(`parley.tab.${tab}`, () => held).catch(() => {});
  return release;
}

async function livingTabs() {
  try {
    const { held = [] } = (await navigator.locks?.query()) ?? {};
    return new Set(held.map((lock) => (lock.name ?? "").replace("parley.tab.", "")));
  } catch {
    return new Set();
  }
}

/** `crypto.randomUUID` exists on secure pages only; plain http inside a company network is not one. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
