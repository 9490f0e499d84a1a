/** A room's header: what it is called, what it is about, who is in it, and whether one may write. */

import { html } from "htm/preact";
import { useMemo } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar, GroupFace, PresenceDot, Signs } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { roomName } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { behind } from "parley/views/lazy.js";
import { personOf, statusOf } from "parley/views/person.js";
import { isMuted } from "parley/views/postable.js";
import { follow, route, togglePane } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */

const FACES = 3;

/** @param {{ room: Room }} props */
export function RoomHead({ room }) {
  const name = roomName(room);
  const { pane } = route.value;
  const direct = room.kind === "direct";
  const about = t(direct ? "head.person" : "head.info");
  const toggle = (/** @type {string} */ which) => (/** @type {Event} */ event) => togglePane(which, /** @type {HTMLElement} */ (event.currentTarget));
  return html`<header class="room-head">
    <a class="tool back" href="/" aria-label=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
    ${direct
      ? room.counterpart && html`<span class="head-face" aria-hidden="true"><${Avatar} id=${room.counterpart.id} name=${name} picture=${room.counterpart.picture} /></span>`
      : room.kind === "group" && html`<span class="head-face"><${GroupFace} room=${room} /></span>`}
    <div class="room-title">
      <h1><button type="button" class="title-button" aria-expanded=${pane === "info" ? "true" : "false"} title=${about} onPointerEnter=${() => behind.peek()?.expectPane("info")} onClick=${toggle("info")}>
        ${direct || room.kind === "group" ? null : html`<span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>`}<span class="title-name" dir="auto">${name}</span></button></h1>
      <${Topic} room=${room} />
    </div>
    <${Chips} room=${room} />
    ${!direct && html`<${Members} room=${room} open=${pane === "members"} onClick=${toggle("members")} />`}
    <button type="button" class="tool head-info" aria-label=${about} title=${about} aria-expanded=${pane === "info" ? "true" : "false"} onPointerEnter=${() => behind.peek()?.expectPane("info")} onClick=${toggle("info")}><${Icon} name="info" /></button>
  </header>`;
}

/** @param {{ room: Room }} props */
function Topic({ room }) {
  if (room.kind !== "direct") return room.topic ? html`<p class="topic" dir="auto" title=${room.topic}>${room.topic}</p>` : null;
  const { counterpart } = room;
  if (!counterpart) return null;
  const person = personOf(counterpart.id) ?? counterpart;
  const status = statusOf(person);
  return html`<p class="topic">${!person.deactivated && html`<${PresenceDot} user=${person.id} word />`}${person.handle && html`<span class="handle" dir="auto">@${person.handle}</span>`}${status && html`<span class="status" dir="auto" title=${status}>${status}</span>`}<${Signs} person=${person} /></p>`;
}

/** @param {{ room: Room }} props */
function Chips({ room }) {
  const chips = [
    room.archived && t("room.archived"),
    room.announcement && !room.archived && t("room.announcement"),
    isMuted(room) && t("room.muted"),
  ].filter(Boolean);
  return chips.length ? html`<span class="head-chips">${chips.map((one) => html`<span key=${one} class="chip">${one}</span>`)}</span>` : null;
}

/** @param {{ room: Room, open: boolean, onClick: (event: Event) => void }} props */
function Members({ room, open, onClick }) {
  const log = client.state.value.logs[room.id];
  const stints = log?.stints;
  const loaded = log?.membersLoaded ?? false;
  // The first who came, so that nothing changes its place whenever somebody comes or goes online.
  const members = useMemo(() => Object.values(stints ?? {}).filter((stint) => stint.left_rev == null).sort((a, b) => a.joined_rev - b.joined_rev), [stints]);
  const faces = loaded ? members.slice(0, FACES) : [];
  const label = loaded ? t("room.members", { count: members.length }) : t("pane.members");
  return html`<button type="button" class="tool members" title=${label} aria-expanded=${open ? "true" : "false"} onPointerEnter=${() => behind.peek()?.expectPane("members")} onClick=${onClick}>
    ${faces.length > 0 && html`<span class="faces" aria-hidden="true">${faces.map(({ user }) => html`<${Avatar} key=${user.id} id=${user.id} name=${personOf(user.id)?.name ?? user.name} picture=${user.picture} small />`)}</span>`}
    <${Icon} name="people" />${loaded && html`<span class="faces-count" aria-hidden="true">${members.length}</span>`}<span class="visually-hidden">${label}</span>
  </button>`;
}
