/** "Do you really want to?" before what cannot be undone. The dialog says what went wrong, and stays until it went well. */

import { html } from "htm/preact";
import { useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { dialog, sentence } from "parley/views/derived.js";
import { Modal } from "parley/views/modal.js";

const NAME = "settings-asking";

/** @param {{ title: string, body: string, action: string, run: () => Promise<unknown> }} what */
export function ask(what) {
  dialog.value = { name: NAME, ...what };
}

/** Nobody asks any more: the settings are left. */
export function hush() {
  if (dialog.value?.name === NAME) dialog.value = null;
}

export function Asking() {
  const open = dialog.value;
  return open?.name === NAME ? html`<${Question} title=${open.title} body=${open.body} action=${open.action} run=${open.run} />` : null;
}

/** @param {{ title: string, body: string, action: string, run: () => Promise<unknown> }} props */
function Question({ title, body, action, run }) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const go = async () => {
    setBusy(true);
    setError("");
    try {
      await run();
      dialog.value = null;
    } catch (problem) {
      setError(sentence(problem));
      setBusy(false);
    }
  };
  return html`<${Modal} title=${title} narrow>
    <p>${body}</p>
    ${error && html`<p class="notice error" role="alert">${error}</p>`}
    <div class="actions">
      <button type="button" class="button" autofocus onClick=${() => (dialog.value = null)}>${t("action.cancel")}</button>
      <button type="button" class="button danger" disabled=${busy} onClick=${go}>${action}</button>
    </div>
  </${Modal}>`;
}
