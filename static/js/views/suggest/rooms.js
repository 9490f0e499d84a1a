/** Rooms by `#`: those one is in, then public ones. What is inserted is a link in Markdown, which the server renders. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { matches } from "parley/lib/pinyin.js";
import { client } from "parley/views/client.js";
import { Icon } from "parley/views/icons.js";
import { pathOf } from "parley/views/route.js";

/** @typedef {import("parley/views/suggest.js").Option} Option */

const MOST = 8;

/**
 * @param {string} query
 * @param {Iterable<{ id: string, name: string, kind: string, topic: string, archived?: boolean }>} others found by the server
 * @returns {Option[]}
 */
export function findRooms(query, others) {
  const held = client.state.value.rooms;
  /** @type {{ room: { id: string, name: string, kind: string, topic: string }, rank: number, joined: boolean }[]} */
  const found = [];
  /**
   * @param {{ id: string, name: string, kind: string, topic: string, archived?: boolean }} room
   * @param {boolean} joined
   */
  const weigh = (room, joined) => {
    const match = matches(room.name, query);
    if (match) found.push({ room, joined, rank: match.rank + (joined ? 0 : 10) + (room.archived ? 20 : 0) });
  };
  for (const room of Object.values(held)) if (room.kind === "public" || room.kind === "private") weigh(room, true);
  for (const room of others) if (!held[room.id]) weigh(room, false);
  found.sort((a, b) => a.rank - b.rank || a.room.name.localeCompare(b.room.name));
  return found.slice(0, MOST).map(({ room, joined }) => ({
    key: `room ${room.id}`,
    insert: `[#${plain(room.name)}](${pathOf(room.id)}) `,
    body: () => html`<span class="suggest-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>
      <span class="suggest-name" dir="auto">${room.name}</span>${room.topic && html`<span class="suggest-note start" dir="auto">${room.topic}</span>`}
      ${!joined && html`<span class="suggest-note">${t("suggest.not-joined")}</span>`}`,
  }));
}

/**
 * Text that Markdown leaves as it is: a room may be called anything.
 * @param {string} name
 */
function plain(name) {
  return name.replace(/[\\`*_~[\]<>&|!]/g, "\\$&");
}
