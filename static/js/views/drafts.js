/** What one has begun to write and not sent, room by room. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { heading, recent, roomList } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { RoomSign } from "parley/views/roomlink.js";
import { follow, go, pathOf } from "parley/views/route.js";

/** @typedef {{ text: string, reply_to: number | null }} Draft */

export function View() {
  /** Thrown away on this page: until one leaves it, they can be had back. */
  const [gone, setGone] = useState(/** @type {Record<string, Draft>} */ ({}));
  useEffect(() => void (heading.value = t("sidebar.view.drafts")), []);
  // What comes from another device changes the words without changing the rooms.
  void client.drafts.arrived.value;
  const begun = client.drafts.rooms.value;
  const { byId } = roomList.value;
  const order = recent();
  const place = (/** @type {string} */ id) => (order.includes(id) ? order.indexOf(id) : order.length);
  const shown = [...new Set([...begun, ...Object.keys(gone)])].filter((id) => byId.has(id)).sort((a, b) => place(a) - place(b));
  const discard = (/** @type {string} */ id) => {
    const { text, reply_to } = client.drafts.get(id);
    setGone({ ...gone, [id]: { text, reply_to } });
    client.drafts.set(id, { text: "", reply_to: null });
  };
  const restore = (/** @type {string} */ id) => {
    const { [id]: draft, ...others } = gone;
    client.drafts.set(id, draft);
    setGone(others);
  };
  return html`<main class="room view" id="main" aria-label=${t("sidebar.view.drafts")} data-landmark tabindex="-1">
    <header class="room-head">
      <a class="tool back" href="/" aria-label=${t("action.back")} title=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
      <div class="room-title"><h1>${t("sidebar.view.drafts")}</h1></div>
    </header>
    <div class="view-body"><div class="view-column">
      ${shown.length > 0
        ? html`<ul>${shown.map((id) => html`<${Begun} key=${id} item=${byId.get(id)} draft=${begun.has(id) ? client.drafts.get(id) : gone[id]} gone=${!begun.has(id)} onDiscard=${() => discard(id)} onRestore=${() => restore(id)} />`)}</ul>`
        : html`<div class="empty"><p class="empty-title">${t("drafts.none")}</p><p>${t("drafts.none.hint")}</p></div>`}
    </div></div>
  </main>`;
}

/**
 * @param {{ item: import("parley/views/roomlist.js").Item, draft: Draft, gone: boolean, onDiscard: () => void,
 *   onRestore: () => void }} props
 */
function Begun({ item: { room, name }, draft, gone, onDiscard, onRestore }) {
  const path = pathOf(room.id);
  const jump = (/** @type {MouseEvent} */ event) => {
    if (!gone && !(/** @type {Element} */ (event.target).closest("a, button"))) go(path);
  };
  return html`<li class=${gone ? "found gone" : "found"} data-room=${room.id} onClick=${jump}>
    <div class="found-where"><a href=${path} onClick=${(/** @type {MouseEvent} */ event) => follow(event, path)}><${RoomSign} room=${room} name=${name} /><span dir="auto">${name}</span></a>
      ${gone
        ? html`<span class="help" role="status">${t("drafts.gone")}</span><button type="button" class="button small" onClick=${onRestore}>${t("drafts.restore")}</button>`
        : html`<button type="button" class="tool" aria-label=${t("drafts.discard", { room: name })} title=${t("drafts.discard", { room: name })} onClick=${onDiscard}><${Icon} name="trash" /></button>`}</div>
    <p class="found-draft" dir="auto">${draft.text.trim()}</p>
  </li>`;
}
