/**
 * How far one has read and, in small rooms, how far the others have. A mark that the server has not confirmed is told
 * again, but never over a position that was set back since: that would undo it.
 */

import { signal } from "@preact/signals";
import { CommandError } from "parley/net/socket.js";
import { apply } from "parley/store/reduce.js";

/** As the server has it: in a room of more people nobody is told who has read what. */
export const RECEIPTS_MAX = 20;
const AGAIN_MS = 3000;

export class Reads {
  /**
   * @param {{ state: import("@preact/signals").Signal<import("parley/store/shapes.js").State>,
   *   socket: import("parley/net/socket.js").Socket, rest: import("parley/net/rest.js").Rest, changed: () => void }} given
   */
  constructor({ state, socket, rest, changed }) {
    this.state = state;
    this.socket = socket;
    this.rest = rest;
    this.changed = changed;
    /** Unconfirmed, with how often the position had been set back by then. @type {Map<string, { seq: number, rewinds: number }>} */
    this.marks = new Map();
    /** Of the room on screen: who has read up to which message. @type {import("@preact/signals").Signal<{ room: string, read: Record<string, number> }>} */
    this.receipts = signal({ room: "", read: {} });
  }

  /**
   * @param {string} room
   * @param {number} seq
   */
  mark(room, seq) {
    const held = this.state.value.rooms[room];
    if (!held || seq <= held.read_seq) return;
    this.state.value = apply(this.state.value, { type: "read", payload: { room, seq } });
    this.marks.set(room, { seq, rewinds: held.rewinds ?? 0 });
    this.changed();
    if (this.socket.live) this.tell(room);
  }

  /**
   * What follows a message is unread again, on every device.
   * @param {string} room
   * @param {number} seq
   */
  async rewind(room, seq) {
    this.marks.delete(room);
    await this.socket.ask("read.rewind", { room, seq });
  }

  /** Live again. */
  resume() {
    for (const room of this.marks.keys()) this.tell(room);
  }

  /** @param {string} room */
  tell(room) {
    const mark = this.marks.get(room);
    if (!mark) return;
    const done = () => this.marks.get(room) === mark && this.marks.delete(room);
    if (mark.rewinds !== (this.state.value.rooms[room]?.rewinds ?? 0)) return void done();
    this.socket
      .ask("read.mark", { room, seq: mark.seq })
      .then(done)
      .catch((error) => {
        if (!(error instanceof CommandError) || !error.retry) done();
        else if (this.socket.live) setTimeout(() => this.marks.get(room) === mark && this.tell(room), error.retryMs || AGAIN_MS);
      });
  }

  // ---- the others ---------------------------------------------------------------------------------------------------

  /**
   * Follow how far the others of a room have read; receipts come for what is on screen only, and only forward.
   * @param {string} room
   */
  async follow(room) {
    if (this.receipts.value.room !== room) this.receipts.value = { room, read: {} };
    const read = await this.rest.receipts(room);
    for (const [user, read_seq] of Object.entries(read)) this.receipt({ room, user, read_seq });
  }

  /** @param {{ room: string, user: string, read_seq: number }} payload */
  receipt({ room, user, read_seq }) {
    const { room: here, read } = this.receipts.value;
    if (room !== here || read_seq <= (read[user] ?? 0)) return;
    this.receipts.value = { room, read: { ...read, [user]: read_seq } };
  }
}
