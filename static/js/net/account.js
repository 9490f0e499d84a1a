/** The part of the REST door that concerns one's own account and those one answers for: loaded with the settings. */

import { CommandError } from "parley/net/socket.js";

/**
 * @typedef {import("parley/net/protocol.js").Me} Me
 * @typedef {import("parley/net/protocol.js").Person} Person
 * @typedef {import("parley/net/protocol.js").DeviceState} Device
 * @typedef {{ id: string, name: string, prefix: string, scopes: string[], device: string, created_at: number,
 *   expires_at: number | null, last_used_at: number | null }} Token
 * @typedef {{ name: string, scopes: string[], expires_in: number | null }} TokenNew
 * @typedef {{ person: Person, role: string, active: boolean, owner: Person | null }} Bot
 * @typedef {{ id: string, prefix: string, state: "open" | "used" | "expired" | "revoked", role: string, email: string,
 *   rooms: string[], uses: number, uses_left: number | null, created_by: Person, created_at: number,
 *   expires_at: number }} Invitation
 * @typedef {{ role: string, email?: string, language?: string, rooms?: string[], expires_in: number,
 *   uses: number | null }} InvitationNew
 */

export class Account {
  /** @param {import("parley/net/rest.js").Rest} rest */
  constructor(rest) {
    this.rest = rest;
  }

  /**
   * @param {{ name?: string, language?: string, time_zone?: string, status?: string, status_until?: number | null }} body
   * @returns {Promise<Me>}
   */
  change(body) {
    return this.rest.call("PATCH", "me/", { body });
  }

  /**
   * Fetch cannot say how far an upload is, so this asks the older way.
   * @param {Blob} file
   * @param {(part: number) => void} onProgress from 0 to 1
   * @param {AbortSignal} signal
   * @returns {Promise<void>}
   */
  setPicture(file, onProgress, signal) {
    return new Promise((resolve, reject) => {
      const request = new XMLHttpRequest();
      request.open("PUT", "/api/v1/me/picture/");
      request.setRequestHeader("Accept", "application/json");
      request.setRequestHeader("X-CSRFToken", this.rest.csrf);
      request.setRequestHeader("Content-Type", file.type || "application/octet-stream");
      request.upload.onprogress = ({ loaded, total }) => onProgress(total ? loaded / total : 0);
      request.onload = () => {
        if (request.status < 300) return resolve();
        if (request.status === 401) this.rest.onSignedOut();
        reject(new CommandError(shapeOf(request.responseText) ?? { code: "internal", message: "", retry: true }));
      };
      request.onerror = () => reject(new CommandError({ code: "disconnected", message: "", retry: true }));
      request.onabort = () => reject(signal.reason);
      signal.addEventListener("abort", () => request.abort());
      request.send(file);
    });
  }

  removePicture() {
    return this.rest.call("DELETE", "me/picture/");
  }

  /** @returns {Promise<{ current: string, devices: Device[] }>} */
  devices() {
    return this.rest.call("GET", "me/devices/");
  }

  /** @param {string} device */
  endDevice(device) {
    return this.rest.call("DELETE", `me/devices/${device}/`);
  }

  /** @returns {Promise<{ ended: number }>} */
  endOtherDevices() {
    return this.rest.call("DELETE", "me/devices/");
  }

  /**
   * @param {string | null} bot null: one's own
   * @returns {Promise<Token[]>}
   */
  async tokens(bot) {
    return (await this.rest.call("GET", tokensOf(bot))).tokens;
  }

  /**
   * @param {string | null} bot
   * @param {TokenNew} body
   * @returns {Promise<{ token: Token, secret: string }>}
   */
  makeToken(bot, body) {
    return this.rest.call("POST", tokensOf(bot), { body });
  }

  /**
   * @param {string | null} bot
   * @param {string} token
   */
  revokeToken(bot, token) {
    return this.rest.call("DELETE", `${tokensOf(bot)}${token}/`);
  }

  /**
   * @param {string} after a page's `next`, "" for the first
   * @returns {Promise<{ bots: Bot[], next: string | null }>}
   */
  bots(after) {
    return this.rest.call("GET", "bots/", { query: { after } });
  }

  /**
   * @param {{ handle: string, name: string, role: string }} body
   * @returns {Promise<Bot>}
   */
  makeBot(body) {
    return this.rest.call("POST", "bots/", { body });
  }

  /**
   * @param {string} bot
   * @param {{ name?: string, role?: string, active?: boolean }} body
   * @returns {Promise<Bot>}
   */
  changeBot(bot, body) {
    return this.rest.call("PATCH", `bots/${bot}/`, { body });
  }

  /**
   * @param {boolean} open only those in force
   * @param {string} after a page's `next`, "" for the first
   * @returns {Promise<{ invitations: Invitation[], next: string | null }>}
   */
  invitations(open, after) {
    return this.rest.call("GET", "invitations/", { query: { open: open ? "true" : "", after } });
  }

  /**
   * @param {InvitationNew} body
   * @returns {Promise<{ invitation: Invitation, link: string }>}
   */
  invite(body) {
    return this.rest.call("POST", "invitations/", { body });
  }

  /** @param {string} invitation */
  revokeInvitation(invitation) {
    return this.rest.call("DELETE", `invitations/${invitation}/`);
  }
}

/** @param {string | null} bot */
function tokensOf(bot) {
  return bot === null ? "me/tokens/" : `bots/${bot}/tokens/`;
}

/** @param {string} text */
function shapeOf(text) {
  try {
    const shape = JSON.parse(text);
    return typeof shape?.code === "string" ? shape : null;
  } catch {
    return null;
  }
}
