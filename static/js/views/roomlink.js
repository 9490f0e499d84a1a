/** One conversation in the list. There may be a thousand: each is drawn again only when something of it changes. */

import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar, GroupFace, PresenceDot, presenceOf } from "parley/views/avatar.js";
import { Icon } from "parley/views/icons.js";
import { memo } from "parley/views/memo.js";
import { pathOf } from "parley/views/route.js";

/**
 * What stands for a kind of room; of a direct conversation the other's face, of a group the faces of two.
 * @param {{ room: import("parley/store/shapes.js").Room, name: string }} props
 */
export function RoomSign({ room, name }) {
  if (room.kind === "direct") {
    const other = room.counterpart;
    return html`<span class="room-face" aria-hidden="true"><${Avatar} id=${other?.id ?? room.id} name=${other?.name ?? name} small />${other && html`<${PresenceDot} user=${other.id} />`}</span>`;
  }
  if (room.kind === "group") return html`<span class="room-face"><${GroupFace} room=${room} small /></span>`;
  return html`<span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>`;
}

/** For those who listen; the dot is for those who see. @param {{ user: string }} props */
function PresenceWord({ user }) {
  return html`<span class="visually-hidden">${t("comma")}${t(`presence.${presenceOf(user)}`)}</span>`;
}

/**
 * The list hears the clicks (sidebar.js). `stop`: the one of its section that Tab reaches; arrows go on from there.
 * @param {{ item: import("parley/views/roomlist.js").Item, current: boolean, draft: boolean, stop: boolean }} props
 */
function view({ item, current, draft, stop }) {
  const link = useRef(/** @type {HTMLElement | null} */ (null));
  useEffect(() => {
    if (current) link.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const { room, name, unread, mentions, muted, bold } = item;
  const more = [
    room.archived ? t("room.archived") : "",
    muted ? t("sidebar.muted") : "",
    mentions ? t("sidebar.mentioned", { count: mentions }) : "",
    unread ? t("sidebar.unread", { count: unread }) : "",
    draft ? t("sidebar.draft") : "",
  ].filter(Boolean);
  const classes = ["room-link", bold && "unread", muted && "muted", room.archived && "archived"].filter(Boolean).join(" ");
  return html`<li class="room-item">
    <a ref=${link} class=${classes} href=${pathOf(room.id)} tabIndex=${stop ? 0 : -1} aria-current=${current ? "page" : undefined} title=${name}
        data-room=${room.id} data-unread=${unread} data-mentions=${mentions} draggable=${false}>
      <${RoomSign} room=${room} name=${name} />
      <span class="room-name" dir="auto">${name}</span>
      ${room.counterpart && html`<${PresenceWord} user=${room.counterpart.id} />`}
      ${more.length > 0 && html`<span class="visually-hidden">${t("comma")}${more.join(t("comma"))}</span>`}
      ${muted && html`<span class="room-note"><${Icon} name="quiet" /></span>`}
      ${draft && html`<span class="room-note"><${Icon} name="edit" /></span>`}
      ${mentions > 0 && html`<span class="count" aria-hidden="true">${mentions >= 100 ? "99+" : mentions}</span>`}
    </a>
    <button type="button" class="tool room-more" tabIndex=${-1} aria-haspopup="menu" aria-label=${t("roommenu.open", { room: name })} title=${t("roommenu.open", { room: name })}><${Icon} name="more" /></button>
  </li>`;
}

export const RoomLink = memo(view);
