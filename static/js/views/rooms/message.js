/** A new conversation: with one person, or with several at once, who are a group then. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { arrive, dialog, sentence } from "parley/views/derived.js";
import { forgiving, onEnter } from "parley/views/rooms/form.js";
import { Picker } from "parley/views/rooms/picker.js";

/** @typedef {import("parley/store/shapes.js").Person} Person */

/** Others; the server says three to ten people in all. */
const MOST = 9;

/** @param {{ users?: string[] }} props who is chosen from the beginning */
export function Body({ users = [] }) {
  const { people: held } = client.state.value;
  const [people, setPeople] = useState(/** @type {Person[]} */ (users.map((id) => held[id]).filter(Boolean)));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const [fields, setFields] = useState(/** @type {Record<string, string[]>} */ ({}));
  useEffect(() => setFields({}), [people]);
  const group = people.length > 1;
  const open = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy || !people.length) return;
    const name = String(new FormData(/** @type {HTMLFormElement} */ (event.currentTarget)).get("name") ?? "").trim();
    setBusy(true);
    setError("");
    try {
      const ids = people.map((one) => one.id);
      arrive(client.entered(await (group ? client.rest.openGroup(ids, name) : client.rest.openDirect(ids[0]))));
    } catch (problem) {
      const wrong = /** @type {{ fields?: Record<string, string[]> | null }} */ (problem).fields ?? {};
      setFields(wrong);
      setError(Object.keys(wrong).length ? "" : sentence(problem));
      setBusy(false);
    }
  };
  return html`<form class="form" novalidate onSubmit=${open} onKeyDown=${onEnter} ...${forgiving(fields, setFields)}>
    <${Picker} label=${t("message.to")} chosen=${people} onChange=${setPeople} max=${MOST} error=${fields.users?.join(" ") ?? ""} focus />
    ${group && html`<div class="field"><label for="group-name">${t("group.name")}</label>
      <input id="group-name" name="name" maxlength="160" autocomplete="off" dir="auto" placeholder=${people.map((one) => one.name).join(t("name.and"))} aria-invalid=${fields.name ? "true" : undefined} aria-describedby="group-help" />
      ${fields.name ? html`<p class="error-text" role="alert" id="group-help">${fields.name.join(" ")}</p>` : html`<p class="help" id="group-help">${t("group.hint")}</p>`}</div>`}
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${busy || !people.length}>${t("person.message")}</button>
    </div>
  </form>`;
}
