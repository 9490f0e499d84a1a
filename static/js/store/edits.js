/** Changes of one's own messages that were begun and not saved: on this device only, until they are saved or given up. */

import { shelfGet, shelfKeys, shelfSet } from "parley/lib/shelf.js";

export class Edits {
  /** @param {string} user */
  constructor(user) {
    this.prefix = `parley.edit.${user}.`;
    this.closed = false;
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @returns {string | null}
   */
  get(room, seq) {
    return shelfGet(`${this.prefix}${room}.${seq}`);
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @param {string | null} text null: saved, or given up
   */
  set(room, seq, text) {
    if (!this.closed) shelfSet(`${this.prefix}${room}.${seq}`, text);
  }

  /**
   * Which messages of a room have one.
   * @param {string} room
   * @returns {number[]}
   */
  of(room) {
    const start = `${this.prefix}${room}.`;
    return shelfKeys(start).map((key) => Number(key.slice(start.length)));
  }

  get size() {
    return shelfKeys(this.prefix).length;
  }
}
