/** What somebody who is not in a room reads of it before she comes in. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { Icon } from "parley/views/icons.js";

/** @param {{ room: import("parley/net/rest.js").RoomListed["room"], members: number }} props */
export function RoomFacts({ room, members }) {
  return html`<h1 dir="auto"><span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>${room.name}</h1>
    ${(room.topic || room.description) && html`<p class="join-topic" dir="auto">${room.topic || room.description}</p>`}
    <p class="help">${[t(room.kind === "private" ? "room.private" : "room.public"), t("room.members", { count: members })].join(t("dot"))}</p>`;
}
