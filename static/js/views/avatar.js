/** How people look: a picture or a sign in a place of fixed size, and whether they are there, as a shape and a word. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { bucket, initials } from "parley/lib/text.js";
import { client } from "parley/views/client.js";
import { largePicture, personOf, statusOf } from "parley/views/person.js";

/**
 * The picture as it is now, the sign of the name until it is there and where there is none.
 * @param {{ id: string, name: string, small?: boolean, large?: boolean, picture?: string }} props `picture`: of somebody
 *   who is not held
 */
export function Avatar({ id, name, small = false, large = false, picture = "" }) {
  const [broken, setBroken] = useState("");
  const held = personOf(id);
  const address = (held ? held.picture : picture) ?? "";
  const source = large ? largePicture(address) : address;
  const size = large ? "large" : small ? "small" : "";
  // By its address: another picture is another element, so none is ever shown for another person.
  return html`<span class=${`avatar tone-${bucket(id, 8)} ${size}`} aria-hidden="true">${initials(name)}${source && source !== broken && html`<img key=${source}
    src=${source} alt="" width="96" height="96" loading="lazy" decoding="async" draggable=${false} onError=${() => setBroken(source)} />`}</span>`;
}

/**
 * The faces of a group, two of them in the place of one, so each has room for one sign.
 * @param {{ room: import("parley/store/shapes.js").Room, small?: boolean }} props
 */
export function GroupFace({ room, small = false }) {
  const people = room.people ?? [];
  if (people.length < 2) return html`<${Avatar} id=${people[0]?.id ?? room.id} name=${people[0]?.name ?? ""} small=${small} />`;
  return html`<span class=${small ? "group-face small" : "group-face"} aria-hidden="true">${people.slice(0, 2).map(({ id, name }) => html`<${Avatar} key=${id} id=${id} name=${[...initials(personOf(id)?.name ?? name)][0] ?? ""} small />`)}</span>`;
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

/**
 * What one should know of somebody before one writes to her: a program, or nobody any more.
 * @param {{ person: import("parley/store/shapes.js").Person }} props
 */
export function Signs({ person }) {
  if (!person.bot && !person.deactivated) return null;
  return html`<span class="signs">${person.bot && html`<span class="chip">${t("person.bot")}</span>`}${person.deactivated && html`<span class="chip quiet">${t("person.deactivated")}</span>`}</span>`;
}

/**
 * One line of what she says of herself at the moment; nothing without it.
 * @param {{ person: import("parley/store/shapes.js").Person }} props
 */
export function Status({ person }) {
  const status = statusOf(person);
  return status ? html`<span class="status" dir="auto" title=${status}>${status}</span>` : null;
}
