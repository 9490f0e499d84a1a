/** A room by its sign and name, as lists name it. */

import { html } from "htm/preact";
import { Avatar, GroupFace } from "parley/views/avatar.js";
import { roomName } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
export function RoomSign({ room }) {
  const name = roomName(room);
  return html`${room.kind === "direct"
      ? html`<${Avatar} id=${room.counterpart?.id ?? room.id} name=${name} small />`
      : room.kind === "group"
        ? html`<${GroupFace} room=${room} small />`
        : html`<span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>`}<span class="line-name" dir="auto">${name}</span>`;
}
