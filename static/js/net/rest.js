/** The REST door: same shapes, same errors. Every address of the API that the page uses is named here. */

import { CommandError } from "parley/net/socket.js";

/** @typedef {import("parley/net/protocol.js").Message} Message */
/** @typedef {import("parley/net/protocol.js").Membership} Membership */
/** @typedef {import("parley/net/protocol.js").Person} Person */
/** @typedef {import("parley/net/protocol.js").RoomEntry} RoomEntry */
/** @typedef {import("parley/net/protocol.js").RoomSettings} RoomSettings */
/** @typedef {{ user: Person, by: Person, created_at: number, reason?: string, until?: number }} Ban */
/** @typedef {{ id: string, by: Person, created_at: number, uses: number, uses_left?: number, expires_at?: number, token?: string }} RoomLink */
/** @typedef {{ room: RoomSettings, members: number, joined: boolean }} RoomListed */

const ROOT = "/api/v1/";
const MEMBER_PAGES = 50;

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
    const answer = response.status === 204 ? null : await response.json().catch(() => undefined);
    signal?.throwIfAborted();
    if (response.ok && answer === undefined) throw new CommandError({ code: "disconnected", message: "", retry: true });
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
   * @param {{ kind: string, name: string, topic: string, announcement?: boolean, people?: string[] }} body
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
   * @returns {Promise<{ room: RoomSettings, entry: RoomEntry | null, created_at: number }>}
   */
  readRoom(room) {
    return this.call("GET", `rooms/${room}/`);
  }

  /**
   * @param {string} room
   * @param {Record<string, unknown>} body what is left out stays as it is
   * @returns {Promise<RoomSettings>}
   */
  changeRoom(room, body) {
    return this.call("PATCH", `rooms/${room}/`, { body });
  }

  /**
   * @param {string} room
   * @param {string} user
   * @param {{ role?: string, muted_until?: number | null }} body
   * @returns {Promise<Membership>}
   */
  changeMember(room, user, body) {
    return this.call("PATCH", `rooms/${room}/memberships/${user}/`, { body });
  }

  /**
   * @param {string} room
   * @param {string} user
   */
  removeMember(room, user) {
    return this.call("DELETE", `rooms/${room}/memberships/${user}/`);
  }

  /**
   * @param {string} room
   * @param {string} [after]
   * @returns {Promise<{ bans: Ban[], next: string | null }>}
   */
  bans(room, after) {
    return this.call("GET", `rooms/${room}/bans/`, { query: { after } });
  }

  /**
   * @param {string} room
   * @param {{ user: string, reason: string, until: number | null }} body
   * @returns {Promise<Ban>}
   */
  ban(room, body) {
    return this.call("POST", `rooms/${room}/bans/`, { body });
  }

  /**
   * @param {string} room
   * @param {string} user
   */
  liftBan(room, user) {
    return this.call("DELETE", `rooms/${room}/bans/${user}/`);
  }

  /**
   * @param {string} room
   * @returns {Promise<RoomLink[]>}
   */
  async links(room) {
    return (await this.call("GET", `rooms/${room}/links/`)).links;
  }

  /**
   * @param {string} room
   * @param {{ expires_at: number | null, uses: number | null }} body
   * @returns {Promise<RoomLink>} the only answer with its token
   */
  createLink(room, body) {
    return this.call("POST", `rooms/${room}/links/`, { body });
  }

  /**
   * @param {string} room
   * @param {string} link
   */
  revokeLink(room, link) {
    return this.call("DELETE", `rooms/${room}/links/${link}/`);
  }

  /**
   * Where a link leads.
   * @param {string} token
   * @returns {Promise<{ room: RoomSettings, members: number, joined: boolean, by: Person }>}
   */
  seeLink(token) {
    return this.call("POST", "rooms/join/preview/", { body: { token } });
  }

  /**
   * @param {string} token
   * @returns {Promise<RoomEntry>}
   */
  joinByLink(token) {
    return this.call("POST", "rooms/join/", { body: { token } });
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
   * @param {string[]} users the others
   * @param {string} name
   * @returns {Promise<RoomEntry>}
   */
  openGroup(users, name) {
    return this.call("POST", "groups/", { body: { users, name } });
  }

  /**
   * Rooms of one's own that somebody else is in too.
   * @param {string} user
   * @param {AbortSignal} signal
   * @returns {Promise<string[]>}
   */
  async sharedRooms(user, signal) {
    return (await this.call("GET", `people/${user}/rooms/`, { signal })).rooms;
  }

  /**
   * A page of everybody one may see, by handle.
   * @param {{ q: string, after?: string }} query
   * @param {AbortSignal} signal
   * @returns {Promise<{ people: Person[], next: string | null }>}
   */
  listPeople(query, signal) {
    return this.call("GET", "people/", { query: { ...query, limit: 50 }, signal });
  }

  /**
   * A page of the public rooms, joined or not; with an id only that one, if it is among them.
   * @param {{ q?: string, id?: string, after?: string }} query
   * @param {AbortSignal} signal
   * @returns {Promise<{ rooms: RoomListed[], next: string | null }>}
   */
  browseRooms(query, signal) {
    return this.call("GET", "rooms/browse/", { query: { ...query, limit: 50 }, signal });
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

  /**
   * A page of the messages that address one, the newest first.
   * @param {string} [after]
   * @returns {Promise<{ mentions: { room: string, unread: boolean, message: Message }[], next: string | null }>}
   */
  mentions(after) {
    return this.call("GET", "mentions/", { query: { after, limit: 30 } });
  }

  /** @param {string} language */
  setLanguage(language) {
    return this.call("PATCH", "me/", { body: { language } });
  }
}
