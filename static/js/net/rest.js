/** The REST door: same shapes, same errors. Every address of the API that the page uses is named here. */

import { CommandError } from "parley/net/socket.js";

/** @typedef {import("parley/net/protocol.js").Message} Message */
/** @typedef {import("parley/net/protocol.js").Membership} Membership */
/** @typedef {import("parley/net/protocol.js").Person} Person */
/** @typedef {import("parley/net/protocol.js").RoomEntry} RoomEntry */
/** @typedef {import("parley/net/protocol.js").RoomSettings} RoomSettings */

const ROOT = "/api/v1/";
const MEMBER_PAGES = 10;

export class Rest {
  /**
   * @param {string} csrf
   * @param {() => void} onSignedOut
   */
  constructor(csrf, onSignedOut) {
    this.csrf = csrf;
    this.onSignedOut = onSignedOut;
  }

  /**
   * @param {string} method
   * @param {string} path below /api/v1/
   * @param {{ query?: Record<string, string | number | undefined>, body?: any, signal?: AbortSignal }} [given]
   * @returns {Promise<any>}
   */
  async call(method, path, { query = {}, body, signal } = {}) {
    const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== "");
    const search = pairs.length ? `?${new URLSearchParams(pairs.map(([name, value]) => [name, String(value)]))}` : "";
    /** @type {Record<string, string>} */
    const headers = { Accept: "application/json" };
    if (method !== "GET") headers["X-CSRFToken"] = this.csrf;
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(`${ROOT}${path}${search}`, {
        method,
        headers,
        signal,
        credentials: "same-origin",
        body: body === undefined ? undefined : JSON.stringify(body),
      });
    } catch (error) {
      if (signal?.aborted) throw error;
      throw new CommandError({ code: "disconnected", message: "", retry: true });
    }
    const answer = response.status === 204 ? null : await response.json().catch(() => null);
    if (response.ok) return answer;
    if (response.status === 401) this.onSignedOut();
    const shape = answer && typeof answer.code === "string" ? answer : null;
    throw new CommandError(shape ?? { code: "internal", message: "", retry: response.status >= 500 });
  }

  /**
   * @param {string} room
   * @param {{ before?: number, after?: number, around?: number, limit?: number }} where
   * @returns {Promise<{ rev: number, messages: Message[] }>} in seq order
   */
  async messages(room, where) {
    const page = await this.call("GET", `rooms/${room}/messages/`, { query: where });
    return { rev: page.rev, messages: [...page.messages].sort((a, b) => a.seq - b.seq) };
  }

  /**
   * What a message said before, the oldest first; each stood until `until`.
   * @param {string} room
   * @param {number} seq
   * @returns {Promise<{ text: string, until: number }[]>}
   */
  async history(room, seq) {
    return (await this.call("GET", `rooms/${room}/messages/${seq}/history/`)).edits;
  }

  /**
   * How far everybody in a small room has read; nothing of a large one.
   * @param {string} room
   * @returns {Promise<Record<string, number>>}
   */
  async receipts(room) {
    return (await this.call("GET", `rooms/${room}/receipts/`)).read;
  }

  /**
   * Everybody in a room.
   * @param {string} room
   * @returns {Promise<Membership[]>}
   */
  async members(room) {
    const members = [];
    let after;
    for (let pages = 0; pages < MEMBER_PAGES; pages += 1) {
      const page = await this.call("GET", `rooms/${room}/memberships/`, { query: { limit: 100, after } });
      members.push(...page.members);
      if (!page.next) break;
      after = page.next;
    }
    return members;
  }

  /**
   * @param {string} room
   * @param {string} user
   * @returns {Promise<Membership>}
   */
  addMember(room, user) {
    return this.call("POST", `rooms/${room}/memberships/`, { body: { user } });
  }

  /**
   * @param {{ kind: string, name: string, topic: string }} body
   * @returns {Promise<RoomEntry>}
   */
  createRoom(body) {
    return this.call("POST", "rooms/", { body });
  }

  /**
   * @param {string} room
   * @returns {Promise<RoomEntry>}
   */
  joinRoom(room) {
    return this.call("POST", `rooms/${room}/join/`);
  }

  /**
   * @param {string} room
   * @returns {Promise<{ room: RoomSettings, entry: RoomEntry | null }>}
   */
  readRoom(room) {
    return this.call("GET", `rooms/${room}/`);
  }

  /** @param {string} room */
  leaveRoom(room) {
    return this.call("POST", `rooms/${room}/leave/`);
  }

  /**
   * @param {string} user
   * @returns {Promise<RoomEntry>}
   */
  openDirect(user) {
    return this.call("POST", "direct/", { body: { user } });
  }

  /**
   * @param {string} q
   * @param {AbortSignal} signal
   * @returns {Promise<Person[]>}
   */
  async findPeople(q, signal) {
    return (await this.call("GET", "people/", { query: { q, limit: 20 }, signal })).people;
  }

  /**
   * @param {string[]} ids at most 200
   * @returns {Promise<Person[]>}
   */
  async people(ids) {
    return (await this.call("GET", "people/", { query: { ids: ids.join() } })).people;
  }

  /**
   * Public rooms this person is not in.
   * @param {string} q
   * @param {AbortSignal} signal
   * @returns {Promise<RoomSettings[]>}
   */
  async findRooms(q, signal) {
    const { rooms } = await this.call("GET", "rooms/browse/", { query: { q, limit: 20 }, signal });
    return rooms
      .filter((/** @type {{ joined: boolean }} */ listed) => !listed.joined)
      .map((/** @type {{ room: RoomSettings }} */ listed) => listed.room);
  }

  /** @param {string} language */
  setLanguage(language) {
    return this.call("PATCH", "me/", { body: { language } });
  }
}
