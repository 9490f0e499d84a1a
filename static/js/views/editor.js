/**
 * The box in which an own message is changed. What is half done is kept on this device until it is saved or given up:
 * through a reload, another room, a sign-in that ended elsewhere.
 */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints } from "parley/lib/text.js";
import { client } from "parley/views/client.js";
import { dialog, editing, sentence } from "parley/views/derived.js";
import { fit, formatKey, onPaste } from "parley/views/field.js";
import { KEYS, keysOf, pressed, signsOf } from "parley/views/keys.js";
import { Suggestions, useSuggest } from "parley/views/suggest.js";

/** @param {{ room: string, row: import("parley/store/shapes.js").Message }} props */
export function Editor({ room, row }) {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const done = useRef(false);
  const suggest = useSuggest(box, client.state.value.rooms[room]);
  /** @param {string} text */
  const begin = (text) => {
    const field = box.current;
    if (!field) return;
    field.value = text;
    fit(field);
    field.focus({ preventScroll: true });
    field.scrollIntoView?.({ block: "nearest" });
    field.setSelectionRange(text.length, text.length);
  };
  const keep = () => {
    const text = box.current?.value;
    if (text !== undefined && !done.current) client.edits.set(room, row.seq, text === row.text ? null : text);
  };
  useLayoutEffect(() => {
    begin(client.edits.get(room, row.seq) ?? row.text);
    addEventListener("pagehide", keep);
    return () => {
      keep();
      removeEventListener("pagehide", keep);
    };
  }, []);
  const close = () => {
    done.current = true;
    client.edits.set(room, row.seq, null);
    editing.value = "";
    document.getElementById("composer-text")?.focus();
  };
  const save = async () => {
    const text = (box.current?.value ?? "").trim();
    if (busy || isComposing()) return;
    if (text === row.text) return close();
    if (!text) {
      // Whoever does not delete it after all has the words back.
      dialog.value = { name: "delete", room, row, onKept: () => begin(row.text) };
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
  const changed = (/** @type {InputEvent | undefined} */ event = undefined) => {
    const field = box.current;
    if (!field) return;
    fit(field);
    if (isComposing()) return;
    keep();
    suggest.look(event);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event)) event.preventDefault();
    if (ownsKey(event) || suggest.onKey(event) || formatKey(event)) return;
    if (pressed(event, "send") || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      if (!event.repeat) save();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    }
  };
  const key = KEYS.find(({ id }) => id === "send");
  return html`<form class="editor" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); save(); }}>
    <textarea key="field" ref=${box} rows="1" dir="auto" autocomplete="off" aria-label=${t("message.edit.field")} aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? "edit-error" : undefined}
      onKeyDown=${onKeyDown} onInput=${changed} onCompositionEnd=${() => setTimeout(changed)} onPaste=${onPaste}></textarea>
    ${error !== "" && html`<p key="error" class="error-text" id="edit-error" role="alert">${error}</p>`}
    <div key="actions" class="actions">
      <span class="help keys-hint">${t("message.edit.hint", { save: key ? signsOf(keysOf(key)[0]).join("+") : "" })}</span>
      <button type="button" class="button small plain" onClick=${close}>${t("action.cancel")}</button>
      <button type="submit" class="button small primary" disabled=${busy}>${t("action.save")}</button>
    </div>
    <${Suggestions} key="suggest" suggest=${suggest} />
  </form>`;
}
