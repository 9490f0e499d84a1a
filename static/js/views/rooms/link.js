/** A new link into a room. Its text is shown once. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { copy } from "parley/views/clipboard.js";
import { dialog, sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { linksMade } from "parley/views/rooms/links-made.js";

const DAY = 86_400_000;
const LASTS = /** @type {const} */ ([["link.day", DAY], ["link.week", 7 * DAY], ["link.month", 30 * DAY], ["link.forever.choice", 0]]);
const USES = /** @type {const} */ ([["link.uses.one", 1], ["link.uses.ten", 10], ["link.uses.hundred", 100], ["link.uses.any", 0]]);

/** @param {{ room: string }} props */
export function Body({ room }) {
  const [made, setMade] = useState("");
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const make = async (/** @type {Event} */ event) => {
    event.preventDefault();
    if (busy) return;
    const form = new FormData(/** @type {HTMLFormElement} */ (event.currentTarget));
    const lasts = Number(form.get("lasts"));
    const uses = Number(form.get("uses"));
    setBusy(true);
    setError("");
    try {
      const link = await client.rest.createLink(room, { expires_at: lasts ? Date.now() + lasts : null, uses: uses || null });
      linksMade.value += 1;
      // Behind the #: what stands there no server is told, so it is in no log and in no referrer.
      setMade(`${location.origin}/rooms/join/#${link.token}`);
    } catch (problem) {
      setError(sentence(problem));
    }
    setBusy(false);
  };
  useLayoutEffect(() => {
    if (made) box.current?.select();
  }, [made]);
  if (made) {
    return html`<div class="form">
      <div class="field"><label for="link-made">${t("link.made")}</label>
        <input id="link-made" ref=${box} readOnly value=${made} onFocus=${() => box.current?.select()} /><p class="help">${t("link.once")}</p></div>
      <div class="actions"><button type="button" class="button" onClick=${() => (dialog.value = null)}>${t("action.done")}</button>
        <button type="button" class="button primary" onClick=${() => copy(made)}><${Icon} name="copy" />${t("link.copy")}</button></div>
    </div>`;
  }
  return html`<form class="form" onSubmit=${make}>
    <p>${t("link.what")}</p>
    <div class="field"><label for="link-lasts">${t("link.lasts")}</label><select id="link-lasts" name="lasts" autofocus>${LASTS.map(([key, ms]) => html`<option key=${key} value=${ms} defaultSelected=${key === "link.week"}>${t(key)}</option>`)}</select></div>
    <div class="field"><label for="link-uses">${t("link.uses")}</label><select id="link-uses" name="uses">${USES.map(([key, count]) => html`<option key=${key} value=${count} defaultSelected=${count === 10}>${t(key)}</option>`)}</select></div>
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions"><button type="button" class="button" onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="submit" class="button primary" disabled=${busy}>${t("link.make")}</button></div>
  </form>`;
}
