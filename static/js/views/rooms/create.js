/** A new room: what it is called, who finds it, who writes in it, who is in it from the beginning. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { arrive, dialog, sentence } from "parley/views/derived.js";
import { Picker } from "parley/views/rooms/picker.js";
import { onEnter } from "parley/views/rooms/form.js";

/** @typedef {import("parley/store/shapes.js").Person} Person */

/** @param {{ text?: string }} props `text`: what the name may be */
export function Body({ text = "" }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [fields, setFields] = useState(/** @type {Record<string, string[]>} */ ({}));
  const [people, setPeople] = useState(/** @type {Person[]} */ ([]));
  const create = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    const node = /** @type {HTMLFormElement} */ (event.currentTarget);
    const form = new FormData(node);
    const value = (/** @type {string} */ name) => String(form.get(name) ?? "").trim();
    if (!value("name")) {
      setFields({ name: [t("field.empty")] });
      /** @type {HTMLElement | null} */ (node.querySelector("#room-name"))?.focus();
      return;
    }
    setBusy(true);
    setError("");
    setFields({});
    try {
      const room = await client.rest.createRoom({
        kind: value("kind"),
        name: value("name"),
        topic: value("topic"),
        announcement: form.has("announcement"),
        people: people.map((one) => one.id),
      });
      arrive(client.entered(room));
    } catch (problem) {
      const wrong = /** @type {{ fields?: Record<string, string[]> | null }} */ (problem).fields ?? {};
      setFields(wrong);
      setError(Object.keys(wrong).length ? "" : sentence(problem));
      setBusy(false);
      const first = ["name", "topic"].find((name) => wrong[name]);
      if (first) /** @type {HTMLElement | null} */ (node.querySelector(`#room-${first}`))?.focus();
    }
  };
  const wrong = (/** @type {string} */ name) => fields[name]?.length ? html`<p class="error-text" role="alert" id=${`wrong-${name}`}>${fields[name].join(" ")}</p>` : null;
  const told = (/** @type {string} */ name) => ({ "aria-invalid": fields[name] ? "true" : undefined, "aria-describedby": fields[name] ? `wrong-${name}` : undefined });
  return html`<form class="form" novalidate onSubmit=${create} onKeyDown=${onEnter}>
    <div class="field"><label for="room-name">${t("room.name")}</label>
      <input id="room-name" name="name" maxlength="160" required autofocus autocomplete="off" dir="auto" defaultValue=${text} ...${told("name")} />${wrong("name")}</div>
    <div class="field"><label for="room-topic">${t("room.topic")}</label>
      <input id="room-topic" name="topic" maxlength="500" autocomplete="off" dir="auto" ...${told("topic")} />${wrong("topic")}</div>
    <fieldset class="kinds"><legend class="visually-hidden">${t("room.kind")}</legend>
      <label class="kind"><input type="radio" name="kind" value="public" defaultChecked /><span><strong>${t("room.public")}</strong><span class="help">${t("room.public.hint")}</span></span></label>
      <label class="kind"><input type="radio" name="kind" value="private" /><span><strong>${t("room.private")}</strong><span class="help">${t("room.private.hint")}</span></span></label>
    </fieldset>
    <label class="check"><input type="checkbox" name="announcement" /><span>${t("rules.announcement")}<span class="help">${t("rules.announcement.hint")}</span></span></label>
    <${Picker} label=${t("room.first-members")} chosen=${people} onChange=${setPeople} error=${fields.people?.join(" ") ?? ""} low />
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${busy}>${t("action.create")}</button>
    </div>
  </form>`;
}
