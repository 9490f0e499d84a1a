/** A room: its header, its messages and the composer; beside them what there is to know of it. */

import { html } from "htm/preact";
import { useCallback, useEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { client } from "parley/views/client.js";
import { Composer } from "parley/views/composer.js";
import { dialog, roomName } from "parley/views/derived.js";
import { behind, Lazy } from "parley/views/lazy.js";
import { MessageList } from "parley/views/messages.js";
import { RoomHead } from "parley/views/roomhead.js";
import { follow, route } from "parley/views/route.js";

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
export function RoomPane({ room }) {
  const list = useRef(/** @type {any} */ (null));
  const [replyTo, setReplyTo] = useState(client.drafts.get(room.id).reply_to);
  const { seq, nth, restored } = route.value;
  const later = behind.value;
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
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key === "Escape" && !ownsKey(event) && !event.defaultPrevented && list.current?.dismiss()) event.preventDefault();
  };
  return html`<main class="room" id="main" aria-label=${roomName(room)} data-room=${room.id} data-landmark tabindex="-1" onKeyDown=${onKeyDown}>
    <${RoomHead} room=${room} />
    ${ready && html`<${MessageList} handle=${list} key=${room.id} room=${room} target=${seq} visit=${nth} restored=${restored}
      onReply=${reply} />`}
    <${Composer} key=${`composer ${room.id}`} room=${room} replyTo=${replyTo} setReplyTo=${setReplyTo} onSent=${() => list.current?.sent()} />
  </main>
  ${later ? html`<${later.Pane} room=${room} />` : route.value.pane && html`<div class="pane" aria-hidden="true"></div>`}`;
}

/** The place of a room this person is not in: a way in, if she may find it; the reason, if she was just sent away. */
export function NoRoom() {
  const { room: id } = route.value;
  const lost = client.lost.value[id ?? ""];
  if (id === null || (lost && lost.reason !== "left")) return html`<${Missing} lost=${lost} />`;
  return html`<${Lazy} key=${id} name="outside" id=${id} missing=${html`<${Missing} lost=${lost} />`} />`;
}

/** @param {{ lost: typeof client.lost.value[string] | undefined }} props */
function Missing({ lost }) {
  const title = !lost || lost.reason === "left" ? t("room.missing") : t(`lost.${lost.reason}`, { room: roomName(lost.room) });
  const hint = !lost || lost.reason === "left" ? t("room.missing.hint") : t("lost.hint");
  return html`<main class="room nothing" id="main" data-landmark tabindex="-1">
    <div class="empty" role=${lost ? "alert" : "status"}>
      <p class="empty-title" dir="auto">${title}</p>
      <p>${hint}</p>
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
