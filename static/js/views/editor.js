/** The box in which an own message is changed. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints } from "parley/lib/text.js";
import { client } from "parley/views/client.js";
import { dialog, editing, sentence } from "parley/views/derived.js";
import { fit } from "parley/views/fit.js";

/** @param {{ room: string, row: import("parley/store/shapes.js").Message }} props */
export function Editor({ room, row }) {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const begin = () => {
    const field = box.current;
    if (!field) return;
    field.value = row.text;
    fit(field);
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  };
  useLayoutEffect(begin, []);
  const close = () => {
    editing.value = "";
    document.getElementById("composer-text")?.focus();
  };
  const save = async () => {
    const text = (box.current?.value ?? "").trim();
    if (busy) return;
    if (text === row.text) return close();
    if (!text) {
      // Whoever does not delete it after all has the words back.
      dialog.value = { name: "delete", room, row, onKept: begin };
      return;
    }
    if (codePoints(text) > client.limits.value.text_code_points) {
      setError(t("composer.too-long", { count: client.limits.value.text_code_points }));
      return;
    }
    setBusy(true);
    setError("");
    try {
      await client.edit(room, row.seq, text);
      close();
    } catch (problem) {
      setError(sentence(problem));
      setBusy(false);
    }
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event)) event.preventDefault();
    if (ownsKey(event)) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      save();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  return html`<form class="editor" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); save(); }}>
    <textarea ref=${box} rows="1" aria-label=${t("message.edit.field")} aria-invalid=${error ? "true" : undefined} onKeyDown=${onKeyDown} onInput=${() => box.current && fit(box.current)}></textarea>
    ${error && html`<p class="error-text" role="alert">${error}</p>`}
    <div class="actions">
      <span class="help keys-hint">${t("message.edit.hint")}</span>
      <button type="button" class="button small plain" onClick=${close}>${t("action.cancel")}</button>
      <button type="submit" class="button small primary" disabled=${busy}>${t("action.save")}</button>
    </div>
  </form>`;
}
