/** The list of conversations: what is new, what there is, who is there. */

import { signal } from "@preact/signals";
import { html } from "htm/preact";
import { useLayoutEffect, useMemo, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { shelfGet, shelfSet } from "parley/lib/shelf.js";
import { client } from "parley/views/client.js";
import { dialog, draftRooms, listKnown, roomList, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { LongPress } from "parley/views/longpress.js";
import { memo } from "parley/views/memo.js";
import { Menu } from "parley/views/menu.js";
import { popover } from "parley/views/popover.js";
import { RoomLink } from "parley/views/roomlink.js";
import { follow, pathOf, route } from "parley/views/route.js";

/** A closed one is opened by hand, an open one stays. */
const CLOSED_FIRST = ["archived"];

const WIDTH_KEY = "parley.sidebar";
const LEAST_PX = 200;
const MOST_PX = 400;
const USUAL_PX = 260;
const STEP_PX = 16;

/** Whether only what is unread is shown. */
export const unreadOnly = signal(false);

/** Sections that were opened or closed by hand, kept on this device. @type {import("@preact/signals").Signal<Record<string, boolean> | null>} */
const turned = signal(null);
const turnedKey = () => `parley.list.${client.me}.turned`;

/** @param {string} id */
function isOpen(id) {
  if (turned.value === null) {
    try {
      turned.value = JSON.parse(shelfGet(turnedKey()) ?? "{}");
    } catch {
      turned.value = {};
    }
  }
  return turned.value?.[id] ?? !CLOSED_FIRST.includes(id);
}

/** @param {string} id */
function turn(id) {
  turned.value = { ...turned.value, [id]: !isOpen(id) };
  shelfSet(turnedKey(), JSON.stringify(turned.value));
}

/** @param {{ site: string, languages: [string, string][], language: string, staff: boolean }} props */
function view({ site, languages, language, staff }) {
  return html`<div class="sidebar">
    <header class="site" role="banner" data-landmark tabindex="-1">
      <${Menu} site=${site} languages=${languages} language=${language} staff=${staff} />
      <button type="button" class="tool" aria-label=${t("find.open")} title=${t("find.open")} aria-keyshortcuts="Control+K Meta+K" onClick=${() => (dialog.value = { name: "find" })}><${Icon} name="search" /></button>
    </header>
    <${Rooms} />
  </div>`;
}

export const Sidebar = memo(view);

function Rooms() {
  const press = useMemo(() => new LongPress(pressOn), []);
  const { sections } = roomList.value;
  const here = route.value.room;
  const drafts = draftRooms.value;
  const quiet = unreadOnly.value;
  const shown = sections
    .map((section) => ({ section, open: isOpen(section.id), current: section.items.some(({ room }) => room.id === here) ? here : null }))
    .filter(({ section, current }) => !quiet || current !== null || section.items.some((item) => item.bold));

  const onClick = (/** @type {MouseEvent} */ event) => {
    const { link, more, room } = partsOf(event);
    if (more && room) openRoomMenu(/** @type {HTMLElement} */ (more), room);
    else if (link && room) follow(event, pathOf(room));
  };
  const onContextMenu = (/** @type {MouseEvent} */ event) => {
    const { link, room } = partsOf(event);
    if (!link || !room || event.shiftKey) return;
    event.preventDefault();
    if (press.opened) return;
    // A keyboard's menu key points at nothing.
    const pointed = event.clientX > 0 || event.clientY > 0;
    openRoomMenu(link, room, pointed && event.detail !== -1 ? { x: event.clientX, y: event.clientY } : undefined);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event) || event.altKey || event.ctrlKey || event.metaKey || popover.value) return;
    const nav = /** @type {HTMLElement} */ (event.currentTarget);
    const stops = /** @type {HTMLElement[]} */ ([...nav.querySelectorAll("a, button:not(.room-more)")]);
    const at = stops.indexOf(/** @type {HTMLElement} */ (document.activeElement));
    const next = event.key === "ArrowDown" ? at + 1 : event.key === "ArrowUp" ? at - 1 : event.key === "Home" ? 0 : event.key === "End" ? stops.length - 1 : -2;
    if (next === -2 || at < 0) return;
    event.preventDefault();
    stops[Math.max(0, Math.min(next, stops.length - 1))]?.focus();
  };
  return html`<nav class="rooms" aria-label=${t("landmark.rooms")} data-landmark tabindex="-1" onClick=${onClick} onContextMenu=${onContextMenu} onKeyDown=${onKeyDown}
      onPointerDown=${press.down} onPointerMove=${press.move} onPointerUp=${press.lift} onPointerCancel=${press.lift}>
    <${Entries} />
    ${shown.map(({ section, open, current }) => html`<${Section} key=${section.id} section=${section} open=${open} current=${current} drafts=${drafts} quiet=${quiet} />`)}
    ${quiet && shown.length === 0 && html`<p class="help section-empty" role="status">${t("sidebar.all-read")}</p>`}
  </nav>`;
}

/** @param {PointerEvent} event */
function pressOn(event) {
  const { link, room } = partsOf(event);
  if (!link || !room) return null;
  return () => {
    openRoomMenu(link, room);
    return true;
  };
}

/** @param {Event} event */
function partsOf(event) {
  const target = /** @type {Element} */ (event.target);
  const more = target.closest(".room-more");
  const link = /** @type {HTMLElement | null} */ (more ? null : target.closest(".room-link"));
  const room = (more ? more.parentElement?.querySelector(".room-link") : link)?.getAttribute("data-room") ?? null;
  return { link, more, room };
}

/**
 * @param {HTMLElement} anchor
 * @param {string} room
 * @param {{ x: number, y: number }} [at]
 */
function openRoomMenu(anchor, room, at) {
  import("parley/views/roommenu.js").then((module) => module.openRoomMenu(anchor, room, at), () => toast(t("error.disconnected")));
}

/** What goes across all rooms. */
function Entries() {
  const { mentions, bold } = roomList.value;
  const drafts = draftRooms.value.size;
  const guest = client.state.value.me?.role === "guest";
  /** @type {[string, "at" | "edit" | "compass" | "people", number, string][]} */
  const views = [["mentions", "at", mentions, "sidebar.mentioned"], ["drafts", "edit", drafts, "sidebar.drafts.count"]];
  if (!guest) views.push(["browse", "compass", 0, ""]);
  views.push(["people", "people", 0, ""]);
  return html`<ul class="entries">
    <li><button type="button" class="entry" aria-pressed=${unreadOnly.value ? "true" : "false"} onClick=${() => (unreadOnly.value = !unreadOnly.value)}>
      <span class="room-sign"><${Icon} name="unread" /></span><span class="room-name">${t("sidebar.unread.only")}</span>
      ${bold > 0 && html`<span class="visually-hidden">${t("comma")}${t("sidebar.unread.rooms", { count: bold })}</span><span class="tally" aria-hidden="true">${bold}</span>`}
    </button></li>
    ${views.map(([name, icon, count, words]) => html`<li key=${name}><a class="entry" href=${`/${name}/`} data-view=${name} aria-current=${route.value.view === name ? "page" : undefined}
        onClick=${(/** @type {MouseEvent} */ event) => follow(event, `/${name}/`)}>
      <span class="room-sign"><${Icon} name=${icon} /></span><span class="room-name">${t(`sidebar.view.${name}`)}</span>
      ${count > 0 && html`<span class="visually-hidden">${t("comma")}${t(words, { count })}</span><span class=${name === "mentions" ? "count" : "tally"} aria-hidden="true">${count >= 100 ? "99+" : count}</span>`}
    </a></li>`)}
  </ul>`;
}

/**
 * `current`: the room on screen, if it is one of these; `quiet`: only what is unread. What is unread is shown in a closed
 * one too, and so is where one is.
 * @param {{ section: import("parley/views/roomlist.js").Section, open: boolean, current: string | null, drafts: Set<string>,
 *   quiet: boolean }} props
 */
function sectionView({ section, open, current, drafts, quiet }) {
  const { id, items } = section;
  const title = section.title || t(`sidebar.${id}`);
  const shown = open && !quiet ? items : items.filter((item) => item.bold || item.room.id === current);
  const stop = current ?? shown[0]?.room.id;
  const add = ADD[id];
  const may = add && (id === "direct" || client.state.peek().me?.role !== "guest");
  return html`<section class="section" aria-label=${title} data-section=${id}>
    <div class="section-head">
      <h2><button type="button" class="fold" aria-expanded=${open ? "true" : "false"} onClick=${() => turn(id)}><${Icon} name="next" /><span dir="auto">${title}</span>
        ${id === "archived" && html`<span class="tally" aria-hidden="true">${items.length}</span>`}</button></h2>
      ${may && html`<button type="button" class="tool" aria-label=${t(add.label)} title=${t(add.label)} onClick=${() => (dialog.value = add.dialog)}><${Icon} name="plus" /></button>`}
    </div>
    ${shown.length > 0 && html`<ul>${shown.map((item) => html`<${RoomLink} key=${item.room.id} item=${item} current=${item.room.id === current} draft=${drafts.has(item.room.id)} stop=${item.room.id === stop} />`)}</ul>`}
    ${open && !quiet && items.length === 0 && listKnown.value && html`<p class="help section-empty">${t("sidebar.none")}</p>`}
  </section>`;
}

/** @type {Record<string, { label: string, dialog: { name: string, [more: string]: any } }>} */
const ADD = {
  rooms: { label: "room.create", dialog: { name: "create" } },
  direct: { label: "direct.start", dialog: { name: "message" } },
};

const Section = memo(sectionView);

/** @param {number} width */
const bounded = (width) => Math.round(Math.max(LEAST_PX, Math.min(MOST_PX, width)));

/** The edge between the list and the rest: it can be moved, and stays where it was left on this device. */
export function Edge() {
  const [width, setWidth] = useState(() => bounded(Number(shelfGet(WIDTH_KEY)) || USUAL_PX));
  const grip = useRef(/** @type {{ x: number, from: number } | null} */ (null));
  const last = useRef(width);
  useLayoutEffect(() => {
    last.current = width;
    document.documentElement.style.setProperty("--sidebar", `${width}px`);
  }, [width]);
  /** @param {number} next */
  const keep = (next) => {
    const kept = bounded(next);
    setWidth(kept);
    shelfSet(WIDTH_KEY, kept === USUAL_PX ? null : String(kept));
  };
  const onPointerDown = (/** @type {PointerEvent} */ event) => {
    if (event.button !== 0) return;
    /** @type {HTMLElement} */ (event.currentTarget).setPointerCapture(event.pointerId);
    grip.current = { x: event.clientX, from: last.current };
  };
  const onPointerMove = (/** @type {PointerEvent} */ event) => {
    if (grip.current) setWidth(bounded(grip.current.from + event.clientX - grip.current.x));
  };
  const release = () => {
    if (!grip.current) return;
    grip.current = null;
    keep(last.current);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event) || event.altKey || event.ctrlKey || event.metaKey) return;
    const next = { ArrowLeft: width - STEP_PX, ArrowRight: width + STEP_PX, Home: LEAST_PX, End: MOST_PX, Enter: USUAL_PX }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    keep(next);
  };
  return html`<div class="edge" role="separator" aria-orientation="vertical" aria-label=${t("sidebar.width")} aria-valuemin=${LEAST_PX} aria-valuemax=${MOST_PX} aria-valuenow=${width}
    aria-valuetext=${t("sidebar.width.value", { count: width })} tabindex="0" onPointerDown=${onPointerDown} onPointerMove=${onPointerMove} onPointerUp=${release} onPointerCancel=${release}
    onLostPointerCapture=${release} onDblClick=${() => keep(USUAL_PX)} onKeyDown=${onKeyDown}></div>`;
}
