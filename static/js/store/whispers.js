/** What is only true for a moment: who is writing, who is there. Forgotten when its time is up. */

import { signal } from "@preact/signals";

/** @typedef {"online" | "away" | "offline" | "unknown"} Presence */

const GRACE_MS = 30_000;

export class Whispers {
  constructor() {
    /** Per room: who writes, until when. @type {import("@preact/signals").Signal<Record<string, Record<string, number>>>} */
    this.typing = signal({});
    /** @type {import("@preact/signals").Signal<Record<string, { state: Presence, until: number }>>} */
    this.presence = signal({});
    /** @type {any} */
    this.timer = null;
  }

  /** @param {{ room: string, user: string, active?: boolean, ttl_ms: number }} payload */
  typed({ room, user, active, ttl_ms }) {
    const writers = { ...this.typing.value[room] };
    if (active) writers[user] = Date.now() + ttl_ms;
    else delete writers[user];
    this.typing.value = { ...this.typing.value, [room]: writers };
    this.sweepSoon();
  }

  /**
   * A message ends its author's writing.
   * @param {string} room
   * @param {string} user
   */
  spoke(room, user) {
    if (this.typing.value[room]?.[user]) this.typed({ room, user, active: false, ttl_ms: 0 });
  }

  /** @param {{ user: string, state: Presence, ttl_ms: number }} payload */
  seen({ user, state, ttl_ms }) {
    this.presence.value = { ...this.presence.value, [user]: { state, until: Date.now() + ttl_ms + GRACE_MS } };
  }

  /**
   * @param {string} user
   * @returns {Presence}
   */
  of(user) {
    return this.presence.value[user]?.state ?? "unknown";
  }

  /** The line is gone: nobody's presence is known, nobody is writing. */
  hush() {
    this.typing.value = {};
    this.presence.value = {};
  }

  /** Presence whose time is up is unknown. */
  expire() {
    const now = Date.now();
    const entries = Object.entries(this.presence.value);
    const good = entries.filter(([, seen]) => seen.until > now);
    if (good.length < entries.length) this.presence.value = Object.fromEntries(good);
  }

  sweepSoon() {
    if (this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = null;
      const now = Date.now();
      /** @type {Record<string, Record<string, number>>} */
      const rooms = {};
      let left = false;
      for (const [room, writers] of Object.entries(this.typing.value)) {
        const good = Object.entries(writers).filter(([, until]) => until > now);
        if (good.length) {
          rooms[room] = Object.fromEntries(good);
          left = true;
        }
      }
      this.typing.value = rooms;
      if (left) this.sweepSoon();
    }, 500);
  }
}
