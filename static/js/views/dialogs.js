/** Which dialog is open: delete a message, create a room, see who is in one, leave it. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { excerpt } from "parley/lib/text.js";
import { Avatar, PresenceDot } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { arrive, dialog, editing, sentence, toast } from "parley/views/derived.js";
import { Find } from "parley/views/find.js";
import { wordsOf } from "parley/views/markup.js";
import { Modal } from "parley/views/modal.js";
import { go, route } from "parley/views/route.js";

export function Dialogs() {
  const open = dialog.value;
  switch (open?.name) {
    case "delete":
      return html`<${DeleteMessage} room=${open.room} row=${open.row} onKept=${open.onKept} />`;
    case "create":
      return html`<${CreateRoom} initial=${open.text ?? ""} />`;
    case "members":
      return html`<${Members} id=${open.room} />`;
    case "leave":
      return html`<${LeaveRoom} room=${open.room} />`;
    case "find":
      return html`<${Find} key=${open.room ?? ""} people=${open.people ?? false} room=${open.room ?? null} />`;
    default:
      return null;
  }
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

/** @param {{ initial: string }} props */
function CreateRoom({ initial }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [fields, setFields] = useState(/** @type {Record<string, string[]>} */ ({}));
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const value = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
    setBusy(true);
    setError("");
    setFields({});
    try {
      const room = await client.rest.createRoom({ kind: value("kind"), name: value("name"), topic: value("topic") });
      arrive(client.entered(room));
    } catch (problem) {
      const { fields: wrong } = /** @type {{ fields?: Record<string, string[]> | null }} */ (problem);
      setFields(wrong ?? {});
      setError(wrong && Object.keys(wrong).length ? "" : sentence(problem));
      setBusy(false);
    }
  };
  const wrong = (/** @type {string} */ name) => fields[name]?.length ? html`<p class="error-text" role="alert" id=${`wrong-${name}`}>${fields[name].join(" ")}</p>` : null;
  return html`<${Modal} title=${t("room.create")} narrow>
    <form class="form" onSubmit=${create} onKeyDown=${(/** @type {KeyboardEvent} */ event) => event.key === "Enter" && ownsKey(event) && event.preventDefault()}>
      <div class="field"><label for="room-name">${t("room.name")}</label>
        <input id="room-name" name="name" maxlength="80" required autofocus autocomplete="off" dir="auto" defaultValue=${initial} aria-invalid=${fields.name ? "true" : undefined} />${wrong("name")}</div>
      <div class="field"><label for="room-topic">${t("room.topic")}</label>
        <input id="room-topic" name="topic" maxlength="250" autocomplete="off" dir="auto" aria-invalid=${fields.topic ? "true" : undefined} />${wrong("topic")}</div>
      <fieldset class="kinds"><legend class="visually-hidden">${t("room.kind")}</legend>
        <label class="kind"><input type="radio" name="kind" value="public" defaultChecked /><span><strong>${t("room.public")}</strong><span class="help">${t("room.public.hint")}</span></span></label>
        <label class="kind"><input type="radio" name="kind" value="private" /><span><strong>${t("room.private")}</strong><span class="help">${t("room.private.hint")}</span></span></label>
      </fieldset>
      ${error && html`<p class="notice error" role="alert">${error}</p>`}
      <div class="actions">
        <button type="button" class="button" onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
        <button type="submit" class="button primary" disabled=${busy}>${t("action.create")}</button>
      </div>
    </form>
  </${Modal}>`;
}

/** @param {{ id: string }} props */
function Members({ id }) {
  const room = client.state.value.rooms[id];
  const log = client.state.value.logs[id];
  useEffect(() => {
    client.loadMembers(id).catch(() => {});
  }, [id]);
  if (!room || !log) return null;
  const open = Object.values(log.stints).filter((stint) => stint.left_rev == null);
  const collator = new Intl.Collator(document.documentElement.lang);
  open.sort((a, b) => collator.compare(a.user.name, b.user.name));
  const talk = async (/** @type {string} */ user) => {
    try {
      const direct = await client.rest.openDirect(user);
      arrive(client.entered(direct));
    } catch (error) {
      toast(sentence(error));
    }
  };
  return html`<${Modal} title=${t("room.members", { count: open.length })} narrow>
    <ul class="people">${open.map(({ user, role }) => html`<li key=${user.id}>
      <button type="button" class="person" onClick=${() => talk(user.id)} title=${t("direct.with", { name: user.name })}>
        <${Avatar} id=${user.id} name=${user.name} />
        <span class="person-name"><span dir="auto">${user.name}</span><span class="person-more"><span class="handle" dir="auto">@${user.handle}</span><${PresenceDot} user=${user.id} word /></span></span>
        ${role !== "member" && html`<span class="chip">${t(`role.${role}`)}</span>`}
      </button></li>`)}</ul>
    <div class="actions even"><button type="button" class="button" onClick=${() => (dialog.value = { name: "find", people: true, room: id })}>${t("room.add")}</button>
      <button type="button" class="button" onClick=${() => (dialog.value = { name: "leave", room })}>${t("room.leave")}</button></div>
  </${Modal}>`;
}

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
function LeaveRoom({ room }) {
  const [busy, setBusy] = useState(false);
  const leave = async () => {
    setBusy(true);
    try {
      await client.rest.leaveRoom(room.id);
      dialog.value = null;
      if (route.value.room === room.id) go("/");
      toast(t("leave.done", { room: room.name }));
    } catch (error) {
      toast(sentence(error));
      setBusy(false);
    }
  };
  return html`<${Modal} title=${t("leave.title", { room: room.name })} narrow>
    <p>${t(room.kind === "private" ? "leave.private" : "leave.public")}</p>
    <div class="actions">
      <button type="button" class="button" autofocus onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="button" class="button danger" disabled=${busy} onClick=${leave}>${t("leave.do")}</button>
    </div>
  </${Modal}>`;
}
