/** What can be done with a room from the list. Loaded when it is first asked for. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints } from "parley/lib/text.js";
import { FOLDER_LENGTH, markAllRead, prefer } from "parley/store/keeping.js";
import { client } from "parley/views/client.js";
import { copy } from "parley/views/clipboard.js";
import { dialog, roomList, sentence, toast } from "parley/views/derived.js";
import { closePopover, openMenu } from "parley/views/popover.js";
import { go, pathOf } from "parley/views/route.js";

/** @typedef {import("parley/views/popover.js").Entry} Entry */

const NOTIFY = /** @type {const} */ (["all", "mentions", "none"]);

/**
 * @param {HTMLElement} anchor
 * @param {string} id
 * @param {{ x: number, y: number }} [at]
 */
export function openRoomMenu(anchor, id, at) {
  const item = roomList.value.byId.get(id);
  if (item) openMenu(anchor, { label: t("roommenu.label", { room: item.name }), at, entries: () => entries(id) });
}

/**
 * @param {string} id
 * @returns {Entry[]}
 */
function entries(id) {
  const item = roomList.value.byId.get(id);
  if (!item) return [];
  const { room } = item;
  const notify = room.notify ?? "all";
  /** @type {Entry[]} */
  const list = [];
  if (item.unread > 0) list.push({ label: t("roommenu.read"), icon: "check", run: () => markAllRead(client, id) }, "line");
  list.push({
    label: t(room.favourite ? "roommenu.favourite.not" : "roommenu.favourite"),
    icon: room.favourite ? "unstar" : "star",
    run: () => change(id, { favourite: !room.favourite }),
  });
  list.push({ label: t("roommenu.folder"), icon: "folder", note: room.folder, entries: () => folders(id) });
  list.push({ label: t("roommenu.notify"), icon: "bell", note: t(`own.notify.${notify}`), entries: () => NOTIFY.map((one) => ({ label: t(`own.notify.${one}`), checked: notify === one, run: () => change(id, { notify: one }) })) });
  list.push("line");
  list.push({ label: t(room.kind === "direct" ? "roommenu.info.direct" : "roommenu.info"), icon: "info", run: () => go(pathOf(id, null, room.kind === "direct" && room.counterpart ? `person:${room.counterpart.id}` : "info")) });
  list.push({ label: t("roommenu.link"), icon: "link", run: () => copy(location.origin + pathOf(id)) });
  if (room.kind !== "direct") list.push("line", { label: t("room.leave"), icon: "leave", danger: true, run: () => (dialog.value = { name: "leave", room }) });
  return list;
}

/**
 * @param {string} id
 * @returns {Entry[]}
 */
function folders(id) {
  const now = client.state.value.rooms[id]?.folder ?? "";
  const names = folderNames();
  return [
    ...names.map((name) => ({ id: `in ${name}`, label: name, checked: name === now, run: () => change(id, { folder: name }) })),
    ...(names.length ? [/** @type {Entry} */ ("line")] : []),
    { id: "new", label: t("roommenu.folder.new"), icon: "plus", view: () => html`<${NewFolder} room=${id} />` },
    ...(now ? [{ id: "none", label: t("roommenu.folder.none"), icon: "close", run: () => change(id, { folder: "" }) }] : []),
  ];
}

function folderNames() {
  const names = new Set(Object.values(client.state.value.rooms).map((room) => room.folder ?? "").filter(Boolean));
  return [...names].sort(new Intl.Collator(document.documentElement.lang).compare);
}

/**
 * @param {string} id
 * @param {import("parley/store/keeping.js").Wish} wish
 */
function change(id, wish) {
  prefer(client, id, wish).catch((error) => toast(sentence(error)));
}

/** @param {{ room: string }} props */
function NewFolder({ room }) {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  useLayoutEffect(() => box.current?.focus(), []);
  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const folder = (box.current?.value ?? "").trim();
    if (busy) return;
    if (!folder) return setError(t("field.empty"));
    if (codePoints(folder) > FOLDER_LENGTH) return setError(t("composer.too-long", { count: FOLDER_LENGTH }));
    setBusy(true);
    try {
      await prefer(client, room, { folder });
      closePopover();
    } catch (problem) {
      const { fields } = /** @type {{ fields?: Record<string, string[]> }} */ (problem);
      setError(fields?.folder?.join(" ") || sentence(problem));
      setBusy(false);
    }
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event) || (event.key === "Enter" && ownsKey(event))) event.preventDefault();
  };
  return html`<form class="form popover-form" onSubmit=${make} noValidate>
    <div class="field"><label for="folder-name">${t("roommenu.folder.name")}</label>
      <input id="folder-name" ref=${box} dir="auto" autocomplete="off" aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? "folder-wrong" : undefined} onInput=${() => error && !isComposing() && setError("")} onKeyDown=${onKeyDown} />
      ${error && html`<p class="error-text" role="alert" id="folder-wrong">${error}</p>`}</div>
    <div class="actions"><button type="submit" class="button small primary" disabled=${busy}>${t("action.create")}</button></div>
  </form>`;
}
