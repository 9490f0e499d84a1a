/** Who may write in a room, and who may address everybody in it. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { said } from "parley/views/pane/field.js";

const MENTIONS = ["auto", "members", "leaders"];

/** @param {{ room: import("parley/store/shapes.js").Room, may: boolean }} props */
export function Rules({ room, may }) {
  const [error, setError] = useState("");
  const [busy, setBusy] = useState(false);
  const change = async (/** @type {Record<string, unknown>} */ body) => {
    setBusy(true);
    setError("");
    try {
      await client.rest.changeRoom(room.id, body);
    } catch (problem) {
      setError(said(problem));
    }
    setBusy(false);
  };
  const mentions = room.mention_room ?? "auto";
  if (!may) {
    return html`<section class="pane-section"><h3>${t("rules.title")}</h3>
      <p>${t(room.announcement ? "rules.announcement.told" : "rules.everybody.told")}</p>
      <p class="help">${t(`rules.mention.${mentions}.told`)}</p></section>`;
  }
  return html`<section class="pane-section" aria-busy=${busy ? "true" : undefined}><h3>${t("rules.title")}</h3>
    <label class="check"><input type="checkbox" checked=${Boolean(room.announcement)} disabled=${busy}
      onClick=${(/** @type {Event} */ event) => { event.preventDefault(); change({ announcement: !room.announcement }); }} /><span>${t("rules.announcement")}<span class="help">${t("rules.announcement.hint")}</span></span></label>
    <div class="field"><label for="rule-mention">${t("rules.mention")}</label>
      <select id="rule-mention" value=${mentions} disabled=${busy} onChange=${(/** @type {Event} */ event) => change({ mention_room: /** @type {HTMLSelectElement} */ (event.currentTarget).value })}>
        ${MENTIONS.map((one) => html`<option key=${one} value=${one}>${t(`rules.mention.${one}`)}</option>`)}</select></div>
    ${error && html`<p class="error-text" role="alert">${error}</p>`}
  </section>`;
}
