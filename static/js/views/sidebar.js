/** Rooms and people: what there is, what is unread, who is there. */

import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar, PresenceDot, presenceOf } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { dialog, roomList } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Menu } from "parley/views/menu.js";
import { follow, pathOf, route } from "parley/views/route.js";

/** @param {{ site: string, languages: [string, string][], language: string, staff: boolean }} props */
export function Sidebar({ site, languages, language, staff }) {
  const { rooms, direct } = roomList.value;
  return html`<div class="sidebar">
    <header class="site" role="banner" data-landmark tabindex="-1">
      ${route.value.room === null ? html`<h1 class="site-name" dir="auto">${site}</h1>` : html`<span class="site-name" dir="auto">${site}</span>`}
      <button type="button" class="tool" aria-label=${t("find.open")} title=${t("find.open")} onClick=${() => (dialog.value = { name: "find" })}><${Icon} name="search" /></button>
    </header>
    <nav class="rooms" aria-label=${t("landmark.rooms")} data-landmark tabindex="-1">
      <${Section} title=${t("sidebar.rooms")} items=${rooms} add=${t("room.create")} onAdd=${() => (dialog.value = { name: "create" })} />
      <${Section} title=${t("sidebar.direct")} items=${direct} add=${t("direct.start")} onAdd=${() => (dialog.value = { name: "find", people: true })} />
    </nav>
    <${Menu} languages=${languages} language=${language} staff=${staff} />
  </div>`;
}

/** @param {{ title: string, items: { room: import("parley/store/shapes.js").Room, name: string, unread: number }[], add: string, onAdd: () => void }} props */
function Section({ title, items, add, onAdd }) {
  return html`<section class="section" aria-label=${title}>
    <div class="section-head"><h2>${title}</h2>
      <button type="button" class="tool" aria-label=${add} title=${add} onClick=${onAdd}><${Icon} name="plus" /></button>
    </div>
    ${items.length
      ? html`<ul>${items.map((item) => html`<${RoomLink} key=${item.room.id} ...${item} />`)}</ul>`
      : html`<p class="help section-empty">${t("sidebar.none")}</p>`}
  </section>`;
}

/** @param {{ room: import("parley/store/shapes.js").Room, name: string, unread: number }} props */
function RoomLink({ room, name, unread }) {
  const link = useRef(/** @type {HTMLElement | null} */ (null));
  const current = route.value.room === room.id;
  const draft = !current && client.drafts.rooms.value.has(room.id);
  useEffect(() => {
    if (current) link.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const other = room.counterpart;
  const more = [
    other ? t(`presence.${presenceOf(other.id)}`) : "",
    unread ? t("sidebar.unread", { count: unread }) : "",
    draft ? t("sidebar.draft") : "",
  ].filter(Boolean);
  const classes = ["room-link", unread > 0 && "unread", room.archived && "archived"].filter(Boolean).join(" ");
  return html`<li>
    <a ref=${link} class=${classes} href=${pathOf(room.id)} aria-current=${current ? "page" : undefined}
        data-room=${room.id} data-unread=${unread} onClick=${(/** @type {MouseEvent} */ event) => follow(event, pathOf(room.id))}>
      ${room.kind === "direct"
        ? html`<span class="room-face" aria-hidden="true"><${Avatar} id=${other?.id ?? room.id} name=${name} small />${other && html`<${PresenceDot} user=${other.id} />`}</span>`
        : html`<span class="room-sign"><${Icon} name=${room.kind === "private" ? "lock" : "hash"} /></span>`}
      <span class="room-name" dir="auto">${name}</span>
      ${more.length > 0 && html`<span class="visually-hidden">${t("comma")}${more.join(t("comma"))}</span>`}
      ${draft && html`<span class="draft-sign" aria-hidden="true"><${Icon} name="edit" /></span>`}
      ${unread > 0 && html`<span class="count" aria-hidden="true">${unread >= 100 ? "99+" : unread}</span>`}
    </a>
  </li>`;
}
