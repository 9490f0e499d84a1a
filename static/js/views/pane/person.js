/** One person: who she is, what she says of herself, where one meets her. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar, PresenceDot, Signs } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { copy } from "parley/views/clipboard.js";
import { arrive, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Skeleton } from "parley/views/pane.js";
import { memberEntries } from "parley/views/pane/member-menu.js";
import { RoomSign } from "parley/views/pane/sign.js";
import { personOf, statusOf } from "parley/views/person.js";
import { openMenu } from "parley/views/popover.js";
import { follow, go, pathOf } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Person} Person */

export const title = () => t("pane.person");

/** @param {{ room: Room, what: string }} props `what`: whose */
export function Body({ room, what }) {
  const held = personOf(what) ?? client.state.value.logs[room.id]?.stints[what]?.user;
  return html`<${PersonCard} key=${what} id=${what} held=${held?.handle ? held : undefined} room=${room} />`;
}

/**
 * @param {{ id: string, held?: Person, room?: Room }} props `room`: where one is looking from
 */
export function PersonCard({ id, held, room }) {
  const [read, setRead] = useState(/** @type {Person | null | undefined} */ (undefined));
  const [error, setError] = useState("");
  const load = () => {
    setError("");
    client.rest.people([id]).then(([person]) => setRead(person ?? null), (problem) => setError(sentence(problem)));
  };
  useEffect(() => {
    if (!held) load();
  }, [id, Boolean(held)]);
  const person = held ?? read;
  if (error && !person) return html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${load}>${t("action.retry")}</button></div>`;
  if (person === null) return html`<div class="empty" role="status"><p>${t("person.missing")}</p></div>`;
  if (!person) return html`<${Skeleton} />`;
  const me = id === client.me;
  const stint = room && client.state.value.logs[room.id]?.stints[id];
  const role = stint && stint.left_rev == null && (room.kind === "public" || room.kind === "private") ? stint.role : "";
  const status = statusOf(person);
  const write = async () => {
    try {
      arrive(client.entered(await client.rest.openDirect(id)));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  const entries = room && stint ? () => memberEntries(room.id, id).slice(me || person.deactivated ? 0 : 1) : () => [];
  const more = t("members.menu", { name: person.name });
  const here = room?.kind === "direct" && room.counterpart?.id === id;
  return html`<div class="card-person">
    <${Avatar} id=${id} name=${person.name} picture=${person.picture} large />
    <h3 class="card-name" dir="auto">${me ? t("room.self", { name: person.name }) : person.name}</h3>
    <p class="card-line"><button type="button" class="handle-button" title=${t("person.copy-handle")} onClick=${() => copy(`@${person.handle}`)}><span class="handle" dir="auto">@${person.handle}</span><${Icon} name="copy" /><span class="visually-hidden">${t("person.copy-handle")}</span></button></p>
    <p class="card-line"><${PresenceDot} user=${id} word /><${Signs} person=${person} />${role && role !== "member" && html`<span class="chip">${t(`role.${role}`)}</span>`}</p>
    ${status && html`<p class="card-status" dir="auto">${status}</p>`}
    <div class="actions card-actions">
      ${me
        ? html`<a class="button" href="/settings/profile/" onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/settings/profile/")}>${t("person.edit")}</a>`
        : !here && !person.deactivated && html`<button type="button" class="button primary" onClick=${write}><${Icon} name="send" />${t("person.message")}</button>`}
      ${entries().length > 0 && html`<button type="button" class="button" aria-haspopup="menu" aria-expanded="false" aria-label=${more} title=${more}
        onClick=${(/** @type {Event} */ event) => openMenu(/** @type {HTMLElement} */ (event.currentTarget), { label: more, entries })}><${Icon} name="more" /></button>`}
    </div>
    ${!me && html`<${Shared} id=${id} />`}
  </div>`;
}

/** The rooms both are in. @param {{ id: string }} props */
function Shared({ id }) {
  const [ids, setIds] = useState(/** @type {string[] | null} */ (null));
  useEffect(() => {
    const abort = new AbortController();
    client.rest.sharedRooms(id, abort.signal).then(setIds, () => {});
    return () => abort.abort();
  }, [id]);
  const { rooms } = client.state.value;
  const list = (ids ?? []).map((one) => rooms[one]).filter((room) => room && room.kind !== "direct");
  if (ids && !list.length) return html`<section class="pane-section shared"><h4>${t("person.shared")}</h4><p class="help">${t("person.shared.none")}</p></section>`;
  return html`<section class="pane-section shared"><h4>${t("person.shared")}</h4>
    <ul class="plain-list">${list.map((room) => html`<li key=${room.id}><a class="line-link" href=${pathOf(room.id)} onClick=${(/** @type {MouseEvent} */ event) => follow(event, pathOf(room.id))}><${RoomSign} room=${room} /></a></li>`)}</ul>
  </section>`;
}
