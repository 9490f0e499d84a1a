/** Ways to part: leave a room, put it away, take somebody out of it, keep somebody out. Each says what follows. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing } from "parley/lib/ime.js";
import { client } from "parley/views/client.js";
import { dialog, roomName, sentence, toast } from "parley/views/derived.js";
import { said } from "parley/views/pane/field.js";
import { isLastOwner } from "parley/views/rights.js";
import { onEnter } from "parley/views/rooms/form.js";
import { go, route } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {import("parley/store/shapes.js").Person} Person */

const DAY = 86_400_000;
const BANS = /** @type {const} */ ([["ban.forever.choice", 0], ["ban.day", DAY], ["ban.week", 7 * DAY], ["ban.month", 30 * DAY]]);

/** @param {{ name: string, room: any, person?: any }} props */
export function Body(props) {
  switch (props.name) {
    case "leave":
      return html`<${Leave} room=${props.room} />`;
    case "archive":
      return html`<${Archive} id=${props.room} />`;
    case "remove":
      return html`<${Remove} id=${props.room} person=${props.person} />`;
    default:
      return html`<${Ban} id=${props.room} person=${props.person} />`;
  }
}

/** @param {{ word: string, deed: () => Promise<unknown>, children?: any }} props */
function Sure({ word, deed, children }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const act = async () => {
    setBusy(true);
    setError("");
    try {
      await deed();
      dialog.value = null;
    } catch (problem) {
      setError(sentence(problem));
      setBusy(false);
    }
  };
  return html`${children}
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" autofocus onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="button" class="button danger" disabled=${busy} onClick=${act}>${word}</button>
    </div>`;
}

/** @param {{ room: Room }} props */
function Leave({ room }) {
  const members = Object.values(client.state.value.logs[room.id]?.stints ?? {}).filter((one) => one.left_rev == null);
  const leave = async () => {
    const name = roomName(room);
    await client.rest.leaveRoom(room.id);
    if (route.value.room === room.id) go("/");
    toast(t("leave.done", { room: name }));
  };
  const what = room.kind === "group" ? "leave.group" : room.kind === "private" ? "leave.private" : "leave.public";
  const last = isLastOwner(members, client.me, client.state.value.people);
  return html`<${Sure} word=${t("leave.do")} deed=${leave}><p>${t(last ? "leave.last-owner" : what)}</p></${Sure}>`;
}

/** @param {{ id: string }} props */
function Archive({ id }) {
  return html`<${Sure} word=${t("archive.do.short")} deed=${() => client.rest.changeRoom(id, { archived: true })}><p>${t("archive.what")}</p></${Sure}>`;
}

/** @param {{ id: string, person: Person }} props */
function Remove({ id, person }) {
  const room = client.state.value.rooms[id];
  const remove = async () => {
    await client.rest.removeMember(id, person.id);
    toast(t("members.removed", { name: person.name }));
  };
  return html`<${Sure} word=${t("members.remove.short")} deed=${remove}><p>${t(room?.kind === "public" ? "members.remove.public" : "members.remove.private", { name: person.name })}</p></${Sure}>`;
}

/** @param {{ id: string, person: Person }} props */
function Ban({ id, person }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const ban = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const lasts = Number(form.get("lasts"));
    setBusy(true);
    setError("");
    try {
      await client.rest.ban(id, { user: person.id, reason: String(form.get("reason") ?? "").trim(), until: lasts ? Date.now() + lasts : null });
      dialog.value = null;
      toast(t("ban.done", { name: person.name }));
    } catch (problem) {
      setError(said(problem));
      setBusy(false);
    }
  };
  return html`<form class="form" novalidate onSubmit=${ban} onKeyDown=${onEnter}>
    <p>${t("ban.what", { name: person.name })}</p>
    <div class="field"><label for="ban-lasts">${t("ban.lasts")}</label><select id="ban-lasts" name="lasts">${BANS.map(([key, ms]) => html`<option key=${key} value=${ms}>${t(key)}</option>`)}</select></div>
    <div class="field"><label for="ban-reason">${t("ban.reason")}</label><input id="ban-reason" name="reason" maxlength="250" autocomplete="off" dir="auto" onInput=${() => error && !isComposing() && setError("")} aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? "ban-wrong" : "ban-help"} />
      ${error ? html`<p class="error-text" role="alert" id="ban-wrong">${error}</p>` : html`<p class="help" id="ban-help">${t("ban.reason.hint")}</p>`}</div>
    <div class="actions">
      <button type="button" class="button" autofocus onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="submit" class="button danger" disabled=${busy}>${t("ban.do.short")}</button>
    </div>
  </form>`;
}
