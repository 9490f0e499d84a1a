/** The REST door: same shapes, same errors. Every address of the API that the page uses is named here. */

import { CommandError } from "parley/net/socket.js";

/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {import("parley/store/shapes.js").Membership} Membership */
/** @typedef {import("parley/store/shapes.js").Person} Person */
/** @typedef {import("parley/store/shapes.js").RoomEntry} RoomEntry */

const ROOT = "/api/v1/";

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
   * @param {string} room
   * @param {number} seq
   * @returns {Promise<Message>}
   */
  message(room, seq) {
    return this.call("GET", `rooms/${room}/messages/${seq}/`);
  }
}
