/** The frame: list, room, dialogs, and the keys that work everywhere. */

import { computed } from "@preact/signals";
import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { excerpt } from "parley/lib/text.js";
import { Banner, SignedOut } from "parley/views/banner.js";
import { client } from "parley/views/client.js";
import { currentRoom, dialog, heading, recent, roomList, roomName, selected, visited } from "parley/views/derived.js";
import { refuseFiles } from "parley/views/field.js";
import { pressed } from "parley/views/keys.js";
import { wordsOf } from "parley/views/markup.js";
import { behind, isLazy, Lazy, loadBehind, withBehind } from "parley/views/lazy.js";
import { closePopover, Popovers } from "parley/views/popover.js";
import { NoRoom, NothingOpen, RoomPane } from "parley/views/room.js";
import { go, pathOf, route } from "parley/views/route.js";
import { Edge, Sidebar } from "parley/views/sidebar.js";
import { Toasts } from "parley/views/toasts.js";

const WARM_MS = 3000;

/** @param {{ site: string, languages: [string, string][], language: string, staff: boolean }} props */
export function Frame(props) {
  const { view, room: id, tab } = route.value;
  const room = currentRoom.value;
  const greeted = client.greeted.value;
  const ended = client.ended.value;
  const later = behind.value;
  useEffect(() => {
    if (view === "list") {
      if (greeted && !matchMedia("(max-width: 767px)").matches) openFirst();
    } else if (room) visited(room.id);
    selected.value = "";
  }, [view, id, room !== null, greeted]);
  useEffect(() => {
    if (!greeted || !later) return;
    // Who opens one of these acts at once, perhaps without a connection.
    later.warm("find");
    const timer = setTimeout(() => Promise.all([import("parley/views/roommenu.js"), import("parley/views/memenu.js")]).catch(() => {}), WARM_MS);
    return () => clearTimeout(timer);
  }, [greeted, later]);
  useEffect(loadBehind, []);
  useEffect(() => {
    if (!ended) return;
    dialog.value = null;
    closePopover();
  }, [ended]);
  useLayoutEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  useLayoutEffect(refuseFiles, []);
  if (ended) return html`<${Title} site=${props.site} /><div class="frame over" data-phase="stopped"><${SignedOut} /></div>`;
  let pane;
  if (isLazy(view)) pane = html`<${Lazy} key=${view} name=${view} tab=${tab} ...${props} />`;
  else if (room) pane = html`<${RoomPane} key=${room.id} room=${room} />`;
  else if (id !== null && greeted) pane = html`<${NoRoom} />`;
  else if (id === null && greeted && roomless.value) pane = html`<${NothingOpen} />`;
  else pane = html`<main class="room nothing" id="main" data-landmark tabindex="-1"></main>`;
  return html`<${Title} site=${props.site} />
  <div class=${`frame ${view === "list" ? "at-list" : "at-room"}`} data-phase=${client.status.value.phase}>
    ${room && html`<a class="skip" href="#composer-text">${t("skip")}</a>`}
    <${Sidebar} ...${props} />
    <${Edge} />
    ${pane}
    <${Banner} />
    ${later && html`<${later.Dialogs} />`}
    <${Announcer} />
    ${later && html`<${later.Stranded} />`}
    ${!dialog.value && html`<${Popovers} /><${Toasts} />`}
  </div>`;
}

const roomless = computed(() => roomList.value.items.length === 0);

/** What the browser calls the page: how much is unread, where one is. */
function Title(/** @type {{ site: string }} */ { site }) {
  const room = currentRoom.value;
  const ended = client.ended.value;
  const unread = ended ? 0 : roomList.value.unread;
  const here = ended ? "" : room ? roomName(room) : isLazy(route.value.view) ? heading.value : "";
  useEffect(() => {
    const name = here ? `${here} · ${site}` : site;
    document.title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${name}` : name;
  }, [here, unread, site]);
  return null;
}

/** New messages of the room on screen, for those who listen; history and room switches are not announced. */
function Announcer() {
  const [said, setSaid] = useState({ nth: 0, text: "" });
  const here = currentRoom.value?.id;
  useEffect(() => {
    const tell = (/** @type {string} */ room, /** @type {import("parley/store/shapes.js").Message} */ message) => {
      if (room !== here) return;
      const text = t("announce", { name: message.author.name, text: excerpt(wordsOf(message), 200) });
      setSaid(({ nth }) => ({ nth: nth + 1, text }));
    };
    client.heard.push(tell);
    return () => {
      client.heard = client.heard.filter((one) => one !== tell);
      setSaid({ nth: 0, text: "" });
    };
  }, [here]);
  // A new node each time: the same words twice are two messages.
  return html`<div class="visually-hidden" aria-live="polite" data-testid="announcer">${said.text && html`<p key=${said.nth}>${said.text}</p>`}</div>`;
}

/** The room one was in last, else one with something unread, else the first. */
function openFirst() {
  const { items, byId } = roomList.value;
  const last = recent().find((id) => byId.has(id));
  const pick = last ?? (items.find((item) => item.bold) ?? items[0])?.room.id;
  if (pick) go(pathOf(pick), { replace: true });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (event.defaultPrevented || dialog.value || client.ended.value) return;
  if (pressed(event, "switcher")) dialog.value = { name: "find" };
  else if (pressed(event, "sheet")) dialog.value = { name: "keys" };
  else return withBehind(({ walk }) => walk(event));
  event.preventDefault();
  closePopover({ focus: false });
}
