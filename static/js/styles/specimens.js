/** What the style page shows: [English, 简体中文] titles of sections, and the states of each component. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { conversation, people, rooms } from "parley/styles/cast.js";
import { Avatar, GroupFace, PresenceDot, Signs, Status } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { dialog } from "parley/views/derived.js";
import { ICONS, Icon } from "parley/views/icons.js";
import { Skeleton } from "parley/views/pane.js";
import { NoRoom, NothingOpen, RoomPane } from "parley/views/room.js";
import { Sidebar } from "parley/views/sidebar.js";

/** @typedef {{ language: string, languages: [string, string][], density: string }} Props */
/** @typedef {{ name: string, size?: string, view: (props: Props) => any }} Specimen `size`: a class of styles.css */

const COLOURS = ["canvas", "surface", "sunken", "raised", "hover", "line", "line-strong", "ink", "ink-soft", "ink-quiet",
  "accent", "accent-soft", "link", "danger", "danger-soft", "warn", "warn-soft", "mark", "focus", "online", "away", "offline"];
const SIZES = ["xs", "s", "m", "l", "xl"];

const room = (/** @type {keyof typeof rooms} */ key) => () => html`<div class="frame at-room"><${RoomPane} room=${client.state.value.rooms[rooms[key].id]} /></div>`;

/**
 * A view or a pane that is a module of its own.
 * @param {() => Promise<any>} load
 * @param {(module: any) => any} draw
 */
function later(load, draw) {
  return html`<${Later} load=${load} draw=${draw} />`;
}

/** @param {{ load: () => Promise<any>, draw: (module: any) => any }} props */
function Later({ load, draw }) {
  const [module, setModule] = useState(/** @type {any} */ (null));
  useEffect(() => void load().then((loaded) => setModule({ ...loaded })), []);
  return module ? draw(module) : html`<${Skeleton} />`;
}

const pane = (/** @type {() => Promise<any>} */ load, what = "") => ({
  size: "as-pane",
  view: () => html`<aside class="pane"><div class="pane-body">${later(load, ({ Body }) => html`<${Body} room=${client.state.value.rooms[rooms.plain.id]} what=${what} />`)}</div></aside>`,
});

const settings = (/** @type {string} */ tab) => ({
  name: tab,
  size: "as-view",
  view: (/** @type {Props} */ { languages, language }) => html`<div class="frame at-room">${later(() => import("parley/views/settings.js"), ({ View }) => html`<${View} tab=${tab} languages=${languages} language=${language} />`)}</div>`,
});

const lazy = (/** @type {string} */ name, /** @type {() => Promise<any>} */ load) => ({
  name,
  size: "as-view",
  view: () => html`<div class="frame at-room">${later(load, ({ View }) => html`<${View} tab="" />`)}</div>`,
});

const opens = (/** @type {string} */ name, more = {}) => html`<button type="button" class="button" onClick=${() => (dialog.value = { name, ...more })}>${name}</button>`;

/** @type {{ id: string, title: [string, string], wide?: boolean, specimens: Specimen[] }[]} */
export const SECTIONS = [
  {
    id: "tokens",
    title: ["Colours and type", "颜色与字体"],
    specimens: [
      { name: "colours", view: () => html`<ul class="swatches">${COLOURS.map((name) => html`<li key=${name}><i style=${{ background: `var(--${name})` }}></i><span>${name}</span></li>`)}</ul>` },
      { name: "type", view: () => SIZES.map((size) => html`<p key=${size} style=${{ fontSize: `var(--text-${size})` }}>${size} · Calm, exact and fast · 从容、精确、迅速 · 0123456789</p>`) },
      { name: "icons", view: () => html`<ul class="swatches">${ICONS.map((name) => html`<li key=${name}><${Icon} name=${name} /><span>${name}</span></li>`)}</ul>` },
    ],
  },
  {
    id: "controls",
    title: ["Controls", "控件"],
    specimens: [
      {
        name: "buttons",
        view: () => html`<p class="rowed">${["", "primary", "danger", "plain", "small", "small primary"].map((kind) => html`<button key=${kind} type="button" class=${`button ${kind}`}>${kind || "button"}</button>`)}
          <button type="button" class="button primary" disabled>disabled</button><button type="button" class="tool" aria-label="tool"><${Icon} name="more" /></button></p>`,
      },
      {
        name: "fields",
        view: () => html`<form class="fields"><div class="field"><label>${t("room.name")}<input value="general" /></label></div>
          <div class="field"><label>${t("room.topic")}<input placeholder=${t("room.topic")} /></label></div>
          <div class="field"><label>${t("room.name")}<input value="" aria-invalid="true" /></label><p class="error-text">${t("error.unknown")}</p></div>
          <div class="field"><label>${t("room.name")}<input value="—" disabled /></label></div></form>`,
      },
      {
        name: "notices",
        view: () => html`<p class="notice">${t("room.empty.hint")}</p><p class="notice error" role="note">${t("error.disconnected")}</p><p class="rowed"><span class="chip">${t("room.archived")}</span><span class="chip quiet">${t("person.deactivated")}</span><span class="count">3</span><span class="count">99+</span></p>`,
      },
    ],
  },
  {
    id: "people",
    title: ["People", "联系人"],
    specimens: [
      {
        name: "faces",
        view: () => html`<p class="rowed">${Object.values(people).map((person) => html`<${Avatar} key=${person.id} ...${person} />`)}${Object.values(people).map((person) => html`<${Avatar} key=${person.id} ...${person} small />`)}<${GroupFace} room=${rooms.group} /><${Avatar} ...${people.bob} large /></p>`,
      },
      {
        name: "presence",
        view: () => html`<ul class="stacked">${Object.values(people).map((person) => html`<li key=${person.id}><${PresenceDot} user=${person.id} word /><span dir="auto">${person.name}</span><${Status} person=${person} /><${Signs} person=${person} /></li>`)}</ul>`,
      },
    ],
  },
  {
    id: "list",
    title: ["Sidebar", "侧栏"],
    specimens: [{ name: "every kind of conversation", size: "as-list", view: ({ languages, language }) => html`<${Sidebar} site="Parley" languages=${languages} language=${language} staff />` }],
  },
  {
    id: "room",
    title: ["Room", "聊天室"],
    specimens: [
      { name: `every message (${conversation.length})`, size: "as-room", view: room("plain") },
      { name: "long names", size: "as-low-room", view: room("long") },
      { name: "archived", size: "as-low-room", view: room("archived") },
      { name: "muted for a time", size: "as-low-room", view: room("silenced") },
      { name: "announcements", size: "as-low-room", view: room("announced") },
      { name: "direct", size: "as-low-room", view: room("direct") },
      { name: "direct, account closed", size: "as-low-room", view: room("directGone") },
      { name: "group", size: "as-low-room", view: room("group") },
      { name: "a draft", size: "as-low-room", view: room("drafted") },
      { name: "not there", size: "as-low-room", view: () => html`<div class="frame at-room"><${NoRoom} /></div>` },
      { name: "not joined", size: "as-low-room", view: () => html`<div class="frame at-room">${later(() => import("parley/views/outside.js"), ({ Door }) => html`<${Door} room=${rooms.long} members=${120} />`)}</div>` },
      { name: "nothing yet", size: "as-low-room", view: () => html`<div class="frame at-room"><${NothingOpen} /></div>` },
    ],
  },
  {
    id: "pane",
    title: ["Right pane", "右侧面板"],
    specimens: [
      { name: "members", ...pane(() => import("parley/views/pane/members.js")) },
      { name: "room", ...pane(() => import("parley/views/pane/info.js")) },
      { name: "person", ...pane(() => import("parley/views/pane/person.js"), "2") },
      { name: "loading", size: "as-pane", view: () => html`<aside class="pane"><div class="pane-body"><${Skeleton} /></div></aside>` },
    ],
  },
  {
    id: "views",
    title: ["Views", "页面"],
    specimens: [
      lazy("browse", () => import("parley/views/browse.js")),
      lazy("people", () => import("parley/views/people.js")),
      lazy("mentions", () => import("parley/views/mentions.js")),
      lazy("drafts", () => import("parley/views/drafts.js")),
    ],
  },
  {
    id: "settings",
    title: ["Settings", "设置"],
    specimens: ["profile", "account", "devices", "appearance", "keys", "notifications", "invitations", "tokens", "bots"].map(settings),
  },
  {
    id: "between",
    title: ["Between the person and the server", "连接与提示"],
    specimens: [
      { name: "banner", size: "as-strip", view: () => html`<div class="banner-slot"><div class="banner"><span>${t("banner.reconnecting")}</span><button type="button" class="button small">${t("banner.now")}</button></div></div>` },
      { name: "toast", size: "as-strip", view: () => html`<div class="toasts"><p class="toast">${t("message.copied")}</p></div>` },
      { name: "error", view: () => html`<div class="empty" role="note"><p>${t("error.disconnected")}</p><button type="button" class="button">${t("action.retry")}</button></div>` },
    ],
  },
  {
    id: "dialogs",
    title: ["Dialogs (they open over the page)", "对话框（在页面上方打开）"],
    wide: true,
    specimens: [
      {
        name: "all",
        view: () => html`<p class="rowed">${opens("find")}${opens("create")}${opens("message")}${opens("keys")}${opens("add", { room: "11" })}${opens("link", { room: "11" })}${opens("leave", { room: rooms.plain })}${opens("archive", { room: "11" })}${opens("remove", { room: "11", person: people.bob })}${opens("ban", { room: "11", person: people.bob })}${opens("delete", { room: "11", row: conversation[1] })}</p>`,
      },
    ],
  },
];
