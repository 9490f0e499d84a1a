/** A room: its header, its messages and the composer. */

import { html } from "htm/preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { PresenceDot } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { Composer } from "parley/views/composer.js";
import { dialog, roomName } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { MessageList } from "parley/views/messages.js";
import { follow, route } from "parley/views/route.js";

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
export function RoomPane({ room }) {
  const list = useRef(/** @type {any} */ (null));
  const [replyTo, setReplyTo] = useState(client.drafts.get(room.id).reply_to);
  const { seq, nth, restored } = route.value;
  const log = client.state.value.logs[room.id];
  const ready = Boolean(log);
  const membersLoaded = log?.membersLoaded ?? false;
  useEffect(() => {
    client.focus(room.id);
    return () => client.focus(null);
  }, [room.id]);
  useEffect(() => {
    if (ready && !membersLoaded && client.greeted.value) client.loadMembers(room.id).catch(() => {});
  }, [room.id, ready, membersLoaded, client.greeted.value]);
  const reply = useCallback((/** @type {import("parley/store/shapes.js").Message} */ row) => setReplyTo(row.seq), []);
  const members = log ? Object.values(log.stints).filter((stint) => stint.left_rev == null) : [];
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !ownsKey(event) && !event.defaultPrevented) list.current?.dismiss();
  };
  const name = roomName(room);
  return html`<main class="room" id="main" aria-label=${name} data-room=${room.id} data-landmark tabindex="-1" onKeyDown=${onKeyDown}>
    <header class="room-head">
      <a class="tool back" href="/" aria-label=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
      <div class="room-title">
        <h1>${room.kind === "direct" ? null : html`<span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>`}<span dir="auto">${name}</span></h1>
        ${room.kind === "direct"
          ? room.counterpart && html`<p class="topic">${room.counterpart.handle && html`<span class="handle" dir="auto">@${room.counterpart.handle}</span>`}<${PresenceDot} user=${room.counterpart.id} word /></p>`
          : room.topic && html`<p class="topic" dir="auto" title=${room.topic}>${room.topic}</p>`}
      </div>
      ${room.archived && html`<span class="chip">${t("room.archived")}</span>`}
      ${room.kind !== "direct" && html`<button type="button" class="tool members" aria-label=${t("room.members", { count: members.length })} title=${t("room.members", { count: members.length })} onClick=${() => (dialog.value = { name: "members", room: room.id })}>
        <${Icon} name="people" />${membersLoaded && html`<span>${members.length}</span>`}
      </button>`}
    </header>
    ${ready && html`<${MessageList} handle=${list} key=${room.id} room=${room} target=${seq} visit=${nth} restored=${restored}
      onReply=${reply} />`}
    <${Composer} key=${`composer ${room.id}`} room=${room} replyTo=${replyTo} setReplyTo=${setReplyTo} onSent=${() => list.current?.sent()} />
  </main>`;
}

/** The place of a room that is not there, or not for this person. */
export function NoRoom() {
  return html`<main class="room nothing" id="main" data-landmark tabindex="-1">
    <div class="empty" role="status">
      <p class="empty-title">${t("room.missing")}</p>
      <p>${t("room.missing.hint")}</p>
      <a class="button" href="/" onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}>${t("action.back.list")}</a>
    </div>
  </main>`;
}

export function NothingOpen() {
  return html`<main class="room nothing" id="main" data-landmark tabindex="-1">
    <div class="empty"><p class="empty-title">${t("welcome")}</p><p>${t("welcome.hint")}</p>
      <button type="button" class="button primary" onClick=${() => (dialog.value = { name: "find" })}>${t("find.open")}</button></div>
  </main>`;
}
