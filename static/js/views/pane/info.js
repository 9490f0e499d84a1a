/** What there is to know of a room, and to decide about it: for everybody, and for oneself. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { date, moment } from "parley/lib/time.js";
import { client } from "parley/views/client.js";
import { dialog, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { Skeleton } from "parley/views/pane.js";
import { Bans } from "parley/views/pane/bans.js";
import { Field } from "parley/views/pane/field.js";
import { Links } from "parley/views/pane/links.js";
import { Own } from "parley/views/pane/own.js";
import { PersonCard } from "parley/views/pane/person.js";
import { Rules } from "parley/views/pane/rules.js";
import { personOf } from "parley/views/person.js";
import { isLastOwner, rightsOf } from "parley/views/rights.js";
import { showPane } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */

/** @param {Room} room */
export const title = (room) => t(room.kind === "direct" ? "pane.person" : room.kind === "group" ? "pane.info.group" : "pane.info");

/** @param {{ room: Room }} props */
export function Body({ room }) {
  if (room.kind === "direct") {
    const id = room.counterpart?.id ?? client.me;
    return html`<${PersonCard} key=${id} id=${id} held=${personOf(id) ?? room.counterpart ?? undefined} room=${room} /><${Own} room=${room} />`;
  }
  return html`<${About} key=${room.id} room=${room} />`;
}

/** @param {{ room: Room }} props */
function About({ room }) {
  const [found, setFound] = useState(/** @type {{ description: string, created_at: number } | null} */ (null));
  const [error, setError] = useState("");
  const load = () => {
    setError("");
    client.rest.readRoom(room.id).then(
      ({ room: settings, created_at }) => setFound({ description: settings.description ?? "", created_at }),
      (problem) => setError(sentence(problem)),
    );
  };
  // The description is with the room's settings only: read anew whenever they changed.
  useEffect(load, [room.id, room.settingsRev]);
  useEffect(() => {
    const log = client.state.peek().logs[room.id];
    if (log && !log.membersLoaded) client.loadMembers(room.id).catch(() => {});
  }, [room.id]);
  const { me } = client.state.value;
  const rights = rightsOf(room, me);
  const stints = Object.values(client.state.value.logs[room.id]?.stints ?? {}).filter((stint) => stint.left_rev == null);
  const last = isLastOwner(stints, client.me, client.state.value.people);
  const save = (/** @type {string} */ name) => async (/** @type {string} */ value) => {
    const settings = await client.rest.changeRoom(room.id, { [name]: value });
    if (name === "description") setFound((now) => now && { ...now, description: settings.description ?? "" });
  };
  const archive = async () => {
    try {
      await client.rest.changeRoom(room.id, { archived: false });
      toast(t("archive.undone"));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  if (error && !found) return html`<div class="empty" role="alert"><p>${error}</p><button type="button" class="button" onClick=${load}>${t("action.retry")}</button></div>`;
  if (!found) return html`<${Skeleton} />`;
  const group = room.kind === "group";
  return html`<div class="info">
    <section class="pane-section">
      <${Field} label=${t("room.name")} value=${room.name} max=${80} may=${rights.update} required=${!group} empty=${group ? t("group.unnamed") : ""} save=${save("name")} />
      <${Field} label=${t("room.topic")} value=${room.topic} max=${250} may=${rights.update} empty=${t("info.none")} save=${save("topic")} />
      <${Field} label=${t("room.description")} value=${found.description} max=${2000} may=${rights.update} long empty=${t("info.none")} save=${save("description")} />
      <dl class="facts">
        ${!group && html`<div><dt>${t("room.kind")}</dt><dd><${Icon} name=${room.kind === "private" ? "lock" : "hash"} />${t(room.kind === "private" ? "room.private" : "room.public")}</dd></div>`}
        <div><dt>${t("info.made")}</dt><dd><time datetime=${new Date(found.created_at).toISOString()} title=${moment(found.created_at)}>${date(found.created_at)}</time></dd></div>
        ${room.archived && html`<div><dt>${t("info.state")}</dt><dd>${t("room.archived")}</dd></div>`}
      </dl>
      ${rights.update && room.kind === "public" && html`<p class="help">${t("room.public.stays")}</p>`}
    </section>
    ${!group && html`<${Rules} room=${room} may=${rights.rules} />`}
    <${Own} room=${room} />
    ${rights.link && html`<${Links} room=${room} />`}
    ${rights.bans && html`<${Bans} room=${room} />`}
    <section class="pane-section last">
      ${rights.archive && (room.archived
        ? html`<button type="button" class="button wide" onClick=${archive}><${Icon} name="box" />${t("archive.undo")}</button>`
        : html`<button type="button" class="button wide" onClick=${() => (dialog.value = { name: "archive", room: room.id })}><${Icon} name="box" />${t("archive.do")}</button>`)}
      ${rights.leave && html`<button type="button" class="button wide leave" aria-describedby=${last ? "last-owner" : undefined}
        onClick=${() => (dialog.value = { name: "leave", room })}><${Icon} name="leave" />${t(group ? "group.leave" : "room.leave")}</button>`}
      ${last && html`<p class="help" id="last-owner">${t("leave.last-owner")} <button type="button" class="link-button" onClick=${() => showPane("members", { replace: true })}>${t("leave.name-owner")}</button></p>`}
    </section>
  </div>`;
}
