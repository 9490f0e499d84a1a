/** A person's sign, and whether she is there: a shape and a word, never the colour alone. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { bucket, initials } from "parley/lib/text.js";
import { client } from "parley/views/client.js";

/** @param {{ id: string, name: string, small?: boolean }} props */
export function Avatar({ id, name, small = false }) {
  return html`<span class=${`avatar tone-${bucket(id, 8)} ${small ? "small" : ""}`} aria-hidden="true">${initials(name)}</span>`;
}

/**
 * @param {string} user
 * @returns {"online" | "away" | "offline" | "unknown"}
 */
export function presenceOf(user) {
  if (user !== client.me) return client.whispers.of(user);
  return client.status.value.phase === "live" ? client.shown.value : "unknown";
}

/** @param {{ user: string, word?: boolean }} props */
export function PresenceDot({ user, word = false }) {
  const state = presenceOf(user);
  const label = t(`presence.${state}`);
  return html`<span class="presence" data-presence=${state} title=${label}>
    <span class=${`dot ${state}`} aria-hidden="true"></span>
    <span class=${word ? "presence-word" : "visually-hidden"}>${label}</span>
  </span>`;
}
