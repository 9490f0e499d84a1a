/** Bringing people into a room, several at once. Who could not be brought stays chosen, with the reason. */

import { html } from "htm/preact";
import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { arrive, dialog, toast } from "parley/views/derived.js";
import { said } from "parley/views/pane/field.js";
import { rightsOf } from "parley/views/rights.js";
import { onEnter } from "parley/views/rooms/form.js";
import { Picker } from "parley/views/rooms/picker.js";
import { route } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Person} Person */

/** @param {{ room: string }} props */
export function Body({ room: id }) {
  const [people, setPeople] = useState(/** @type {Person[]} */ ([]));
  const [busy, setBusy] = useState(false);
  const [wrong, setWrong] = useState(/** @type {string[]} */ ([]));
  const { rooms, logs, me } = client.state.value;
  const room = rooms[id];
  const stints = logs[id]?.stints;
  useEffect(() => {
    if (logs[id] && !logs[id].membersLoaded) client.loadMembers(id).catch(() => {});
  }, [id]);
  const inside = useMemo(() => new Set(Object.values(stints ?? {}).filter((one) => one.left_rev == null).map((one) => one.user.id)), [stints]);
  if (!room) return null;
  const add = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || !people.length) return;
    setBusy(true);
    /** @type {Person[]} */
    const left = [];
    /** @type {string[]} */
    const told = [];
    for (const person of people) {
      try {
        await client.rest.addMember(id, person.id);
      } catch (problem) {
        left.push(person);
        told.push(t("room.not-added", { name: person.name, why: said(problem) }));
      }
    }
    const done = people.filter((one) => !left.includes(one));
    if (done.length === 1) toast(t("room.added", { name: done[0].name }));
    else if (done.length) toast(t("room.added.several", { count: done.length }));
    setPeople(left);
    setWrong(told);
    setBusy(false);
    if (left.length) return;
    if (route.value.room === id) dialog.value = null;
    else arrive(id);
  };
  return html`<form class="form" onSubmit=${add} onKeyDown=${onEnter}>
    <${Picker} label=${t("room.whom")} chosen=${people} onChange=${setPeople} without=${inside} focus />
    ${wrong.length > 0 && html`<ul class="notices" role="alert">${wrong.map((one) => html`<li key=${one} class="notice error" dir="auto">${one}</li>`)}</ul>`}
    <div class="actions">
      ${rightsOf(room, me).link && html`<button type="button" class="button plain start" onClick=${() => (dialog.value = { name: "link", room: id })}>${t("link.instead")}</button>`}
      <button type="button" class="button" onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${busy || !people.length}>${t("room.add.do")}</button>
    </div>
  </form>`;
}
