/** The frame: list, room, dialogs, and the keys that work everywhere. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { shelfGet, shelfSet } from "parley/lib/shelf.js";
import { excerpt } from "parley/lib/text.js";
import { Banner, SignedOut } from "parley/views/banner.js";
import { client } from "parley/views/client.js";
import { currentRoom, dialog, roomList, roomName, selected } from "parley/views/derived.js";
import { Dialogs } from "parley/views/dialogs.js";
import { wordsOf } from "parley/views/markup.js";
import { isLazy, Lazy } from "parley/views/lazy.js";
import { closePopover, Popovers } from "parley/views/popover.js";
import { NoRoom, NothingOpen, RoomPane } from "parley/views/room.js";
import { go, pathOf, route } from "parley/views/route.js";
import { Sidebar } from "parley/views/sidebar.js";
import { Toasts } from "parley/views/toasts.js";

/** @param {{ site: string, languages: [string, string][], language: string, staff: boolean }} props */
export function Frame(props) {
  const { view, room: id, tab } = route.value;
  const room = currentRoom.value;
  const greeted = client.greeted.value;
  useEffect(() => {
    if (view === "list") {
      if (greeted && !matchMedia("(max-width: 767px)").matches) openFirst();
    } else if (room) shelfSet(`parley.last.${client.me}`, room.id);
    selected.value = "";
  }, [view, id, room !== null, greeted]);
  const ended = client.ended.value;
  useEffect(() => {
    const unread = ended ? 0 : roomList.value.unread;
    const name = room && !ended ? `${roomName(room)} · ${props.site}` : props.site;
    document.title = unread > 0 ? `(${unread > 99 ? "99+" : unread}) ${name}` : name;
    if (ended) {
      dialog.value = null;
      closePopover();
    }
  }, [room, roomList.value.unread, ended]);
  useEffect(() => {
    addEventListener("keydown", onKey);
    return () => removeEventListener("keydown", onKey);
  }, []);
  if (ended) return html`<div class="frame over" data-phase="stopped"><${SignedOut} /></div>`;
  let pane;
  if (isLazy(view)) pane = html`<${Lazy} key=${view} name=${view} tab=${tab} ...${props} />`;
  else if (room) pane = html`<${RoomPane} key=${room.id} room=${room} />`;
  else if (id !== null && greeted) pane = html`<${NoRoom} />`;
  else if (id === null && greeted && roomList.value.rooms.length + roomList.value.direct.length === 0) pane = html`<${NothingOpen} />`;
  else pane = html`<main class="room nothing" id="main" data-landmark tabindex="-1"></main>`;
  return html`<div class=${`frame ${view === "list" ? "at-list" : "at-room"}`} data-phase=${client.status.value.phase}>
    ${room && html`<a class="skip" href="#composer-text">${t("skip")}</a>`}
    <${Sidebar} ...${props} />
    ${pane}
    <${Banner} />
    <${Dialogs} />
    <${Announcer} />
    ${!dialog.value && html`<${Popovers} /><${Toasts} />`}
  </div>`;
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
  const { rooms, direct } = roomList.value;
  const list = [...rooms, ...direct];
  const last = shelfGet(`parley.last.${client.me}`);
  const pick = list.find((item) => item.room.id === last) ?? list.find((item) => item.unread > 0) ?? list[0];
  if (pick) go(pathOf(pick.room.id), { replace: true });
}

/** @param {KeyboardEvent} event */
function onKey(event) {
  if (ownsKey(event) || event.defaultPrevented || dialog.value) return;
  if (event.key === "F6") {
    event.preventDefault();
    cycleLandmarks(event.shiftKey ? -1 : 1);
  } else if (event.altKey && !event.ctrlKey && !event.metaKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
    event.preventDefault();
    step(event.key === "ArrowUp" ? -1 : 1, event.shiftKey);
  } else if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    dialog.value = { name: "find" };
  }
}

/** @param {number} way */
function cycleLandmarks(way) {
  const marks = /** @type {HTMLElement[]} */ ([...document.querySelectorAll("[data-landmark]")]).filter((mark) => mark.offsetParent !== null);
  if (!marks.length) return;
  const inside = marks.findLastIndex((mark) => mark.contains(document.activeElement));
  const next = marks[(inside + way + marks.length) % marks.length];
  const field = /** @type {HTMLElement | null} */ (next.querySelector("textarea, [aria-current]"));
  const target = next.matches(".composer, nav") && field ? field : next;
  target.focus();
}

/**
 * @param {number} way
 * @param {boolean} unreadOnly
 */
function step(way, unreadOnly) {
  const { rooms, direct } = roomList.value;
  const list = [...rooms, ...direct];
  if (!list.length) return;
  let index = list.findIndex((item) => item.room.id === route.value.room);
  for (let tries = 0; tries < list.length; tries += 1) {
    index = (index + way + list.length) % list.length;
    if (!unreadOnly || list[index].unread > 0) return go(pathOf(list[index].room.id));
  }
}
