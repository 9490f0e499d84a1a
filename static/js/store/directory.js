/**
 * Whom and what else there is in the workspace, as far as somebody searching needs it: read page by page and kept for a
 * minute, so each key is answered here. What lies beyond the bound is asked of the server by name.
 */

import { signal } from "@preact/signals";

/** @typedef {import("parley/store/shapes.js").Person} Person */
/** @typedef {import("parley/store/shapes.js").RoomSettings} RoomSettings */
/** `whole`: that is everybody and every room. @typedef {{ people: Person[], rooms: RoomSettings[], whole: boolean, read: boolean }} Known */

const FRESH_MS = 60_000;
const PAGES = 6;

export class Directory {
  /** @param {import("parley/net/rest.js").Rest} rest */
  constructor(rest) {
    this.rest = rest;
    /** @type {import("@preact/signals").Signal<Known>} */
    this.known = signal({ people: [], rooms: [], whole: false, read: false });
    this.readAt = -Infinity;
    /** @type {Promise<void> | null} */
    this.reading = null;
  }

  /**
   * @param {AbortSignal} abort
   * @returns {Promise<void>}
   */
  read(abort) {
    if (performance.now() - this.readAt < FRESH_MS) return Promise.resolve();
    this.reading ??= this.pages(abort).finally(() => (this.reading = null));
    return this.reading;
  }

  /** @param {AbortSignal} abort */
  async pages(abort) {
    const [people, rooms] = await Promise.all([
      all((after) => this.rest.listPeople({ q: "", after }, abort), "people"),
      all((after) => this.rest.browseRooms({ q: "", after }, abort), "rooms"),
    ]);
    const joinable = rooms.rows.filter((listed) => !listed.joined).map((listed) => listed.room);
    this.known.value = { people: people.rows, rooms: joinable, whole: people.whole && rooms.whole, read: true };
    this.readAt = performance.now();
  }

  /**
   * What the server finds; it is known from then on.
   * @param {string} q
   * @param {AbortSignal} abort
   */
  async ask(q, abort) {
    const [people, rooms] = await Promise.all([this.rest.findPeople(q, abort), this.rest.findRooms(q, abort)]);
    const { known } = this;
    known.value = { ...known.value, people: merged(known.value.people, people), rooms: merged(known.value.rooms, rooms), read: true };
  }
}

/**
 * @param {(after: string | undefined) => Promise<any>} page
 * @param {"people" | "rooms"} name
 */
async function all(page, name) {
  /** @type {any[]} */
  const rows = [];
  /** @type {string | undefined} */
  let after;
  for (let read = 0; read < PAGES; read += 1) {
    const { next, [name]: more } = await page(after);
    rows.push(...more);
    if (!next) return { rows, whole: true };
    after = next;
  }
  return { rows, whole: false };
}

/**
 * @template {{ id: string }} T
 * @param {T[]} list
 * @param {T[]} more
 */
function merged(list, more) {
  const held = new Set(list.map(({ id }) => id));
  const fresh = more.filter(({ id }) => !held.has(id));
  return fresh.length ? [...list, ...fresh] : list;
}
