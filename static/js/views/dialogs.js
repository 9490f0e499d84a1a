/** Which dialog is open. Those that most visits do not need are modules of their own, loaded when they are first opened. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { excerpt } from "parley/lib/text.js";
import { client } from "parley/views/client.js";
import { dialog, editing, roomName, sentence, toast } from "parley/views/derived.js";
import { wordsOf } from "parley/views/markup.js";
import { Modal } from "parley/views/modal.js";

/** @typedef {{ name: string, [more: string]: any }} Dialog */

/**
 * Each module has a component `Body` for the dialog of that title, or a `View` with a dialog of its own. Both are given
 * what was opened.
 * @type {Record<string, () => Promise<{ Body?: any, View?: any }>>}
 */
const LOADERS = {
  add: () => import("parley/views/rooms/add.js"),
  create: () => import("parley/views/rooms/create.js"),
  find: () => import("parley/views/find.js"),
  keys: () => import("parley/views/keysheet.js"),
  link: () => import("parley/views/rooms/link.js"),
  message: () => import("parley/views/rooms/message.js"),
  leave: () => import("parley/views/rooms/part.js"),
  archive: () => import("parley/views/rooms/part.js"),
  remove: () => import("parley/views/rooms/part.js"),
  ban: () => import("parley/views/rooms/part.js"),
};

/** @type {Record<string, (open: Dialog) => string>} */
const TITLES = {
  add: ({ room }) => t("room.add.title", { room: named(room) }),
  create: () => t("room.create"),
  find: () => t("find.title"),
  keys: () => t("sheet.title"),
  link: ({ room }) => t("link.to", { room: named(room) }),
  message: () => t("direct.start"),
  leave: ({ room }) => t("leave.title", { room: roomName(room) }),
  archive: ({ room }) => t("archive.title", { room: named(room) }),
  remove: ({ room, person }) => t("members.remove.title", { name: person.name, room: named(room) }),
  ban: ({ room, person }) => t("ban.dialog", { name: person.name, room: named(room) }),
};

/** Those that are not narrow. @type {Record<string, { wide?: boolean }>} */
const SIZES = { find: {}, keys: { wide: true } };

/** @type {Map<string, any>} */
const loaded = new Map();

/**
 * Load a dialog before it is asked for: who opens it types at once.
 * @param {string} name
 */
export function warm(name) {
  if (!loaded.has(name)) LOADERS[name]().then((module) => loaded.set(name, module), () => {});
}

/** @param {string} id */
function named(id) {
  const room = client.state.value.rooms[id];
  return room ? roomName(room) : "";
}

export function Dialogs() {
  const open = dialog.value;
  if (!open) return null;
  switch (open.name) {
    case "delete":
      return html`<${DeleteMessage} room=${open.room} row=${open.row} onKept=${open.onKept} />`;
    default:
      return open.name in LOADERS ? html`<${Loaded} key=${open.name} open=${open} />` : null;
  }
}

/** The frame of the dialog is there at once, so no key goes to the page behind. @param {{ open: Dialog }} props */
function Loaded({ open }) {
  const [failed, setFailed] = useState(false);
  const [, setNth] = useState(0);
  const { Body, View } = loaded.get(open.name) ?? {};
  const load = () => {
    setFailed(false);
    LOADERS[open.name]().then(
      (module) => {
        loaded.set(open.name, module);
        setNth((nth) => nth + 1);
      },
      () => setFailed(true),
    );
  };
  useEffect(() => {
    if (!loaded.has(open.name)) load();
  }, []);
  if (View) return html`<${View} ...${open} />`;
  if (!TITLES[open.name]) return null;
  return html`<${Modal} title=${TITLES[open.name](open)} narrow=${!(open.name in SIZES)} wide=${SIZES[open.name]?.wide}>
    ${Body ? html`<${Ready}><${Body} ...${open} /></${Ready}>` : failed && html`<div class="empty" role="alert"><p>${t("error.disconnected")}</p><button type="button" class="button" onClick=${load}>${t("action.retry")}</button></div>`}
  </${Modal}>`;
}

/** What comes after its dialog was opened still gets the focus it asks for. @param {{ children?: any }} props */
function Ready({ children }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    const active = document.activeElement;
    if (active === document.body || active?.closest(".modal-head")) /** @type {HTMLElement | null} */ (box.current?.querySelector("[autofocus]"))?.focus();
  }, []);
  return html`<div class="modal-content" ref=${box}>${children}</div>`;
}

/** @param {{ room: string, row: import("parley/store/shapes.js").Message, onKept?: () => void }} props */
function DeleteMessage({ room, row, onKept }) {
  const [busy, setBusy] = useState(false);
  const erased = useRef(false);
  // Once the dialog is gone: nothing behind it takes the focus before.
  useLayoutEffect(() => () => void (erased.current || !onKept || queueMicrotask(onKept)), []);
  const erase = async () => {
    setBusy(true);
    try {
      await client.erase(room, row.seq);
      erased.current = true;
      editing.value = "";
      dialog.value = null;
    } catch (error) {
      toast(sentence(error));
      setBusy(false);
    }
  };
  return html`<${Modal} title=${t("delete.title")} narrow>
    <p>${t("delete.body")}</p>
    <blockquote class="quoted" dir="auto">${excerpt(wordsOf(row), 200)}</blockquote>
    <div class="actions">
      <button type="button" class="button" autofocus onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="button" class="button danger" disabled=${busy} onClick=${erase}>${t("action.delete")}</button>
    </div>
  </${Modal}>`;
}
