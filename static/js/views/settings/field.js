/**
 * A line of text that is saved by itself: Enter or the button saves, Esc takes it back. What is typed and not saved stays
 * if one looks at another tab, and if the server refuses it. The field is never written to while somebody composes.
 */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints } from "parley/lib/text.js";
import { Fault, SaveWord, useSaving } from "parley/views/settings/saving.js";

/** What was typed and not saved, by field. @type {Map<string, string>} */
const begun = new Map();

/**
 * `name`: what the server calls it, for its refusals. `limit`: in code points.
 * @param {{ id: string, name: string, label: string, value: string, limit: number, help?: string, placeholder?: string,
 *   autocomplete?: string, needed?: boolean, save: (text: string) => Promise<unknown> }} props
 */
export function TextField({ id, name, label, value, limit, help, placeholder, autocomplete = "off", needed = false, save }) {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [text, setText] = useState(begun.get(id) ?? value);
  const [saving, run, forget] = useSaving();
  const stored = useRef(value);
  const changed = text.trim() !== value;
  useLayoutEffect(() => {
    const field = box.current;
    if (!field) return;
    // Saved here or on another device: the new one, unless something else is being written.
    if (field.value.trim() === stored.current || !begun.has(id)) write(value);
    stored.current = value;
  }, [value]);
  useLayoutEffect(() => {
    if (box.current) box.current.value = begun.get(id) ?? value;
  }, []);
  /** @param {string} next */
  const write = (next) => {
    if (isComposing()) return;
    begun.delete(id);
    if (box.current) box.current.value = next;
    setText(next);
  };
  const typed = () => {
    if (isComposing()) return;
    const now = box.current?.value ?? "";
    if (now.trim() === value) begun.delete(id);
    else begun.set(id, now);
    setText(now);
    if (saving.phase === "failed" || saving.phase === "saved") forget();
  };
  const submit = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const sent = (box.current?.value ?? "").trim();
    if (isComposing() || saving.phase === "saving" || sent === value || (needed && !sent)) return;
    if (codePoints(sent) > limit) return;
    begun.set(id, sent);
    if (!(await run(() => save(sent)))) return;
    begun.delete(id);
    // What was typed meanwhile is the next change.
    const now = box.current?.value ?? sent;
    if (now.trim() !== sent) begun.set(id, now);
    setText(now);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event)) event.preventDefault();
    if (ownsKey(event)) {
      if (event.key === "Enter") event.preventDefault();
      return;
    }
    if (event.key === "Escape" && changed) {
      event.preventDefault();
      event.stopPropagation();
      write(value);
      forget();
    }
  };
  const over = codePoints(text.trim()) - limit;
  const fault = over > 0 ? t("composer.over", { count: over }) : needed && !text.trim() ? t("field.empty") : (saving.fields[name] ?? saving.error);
  const described = [help && `${id}-help`, fault && `${id}-fault`].filter(Boolean).join(" ");
  return html`<form class="field settings-field" onSubmit=${submit} noValidate>
    <div class="label-line"><label for=${id}>${label}</label><${SaveWord} state=${saving} /></div>
    <div class="settings-row">
      <input id=${id} ref=${box} dir="auto" autocomplete=${autocomplete} placeholder=${placeholder} aria-describedby=${described || undefined}
        aria-invalid=${fault ? "true" : undefined} required=${needed} onInput=${typed} onCompositionEnd=${() => setTimeout(typed)} onKeyDown=${onKeyDown} />
      ${changed && html`<div class="settings-acts"><button type="submit" class="button primary" disabled=${saving.phase === "saving" || over > 0 || (needed && !text.trim())}>${t("action.save")}</button>
        <button type="button" class="button" disabled=${saving.phase === "saving"} onClick=${() => { write(value); forget(); box.current?.focus(); }}>${t("action.cancel")}</button></div>`}
    </div>
    ${help && html`<p class="help" id=${`${id}-help`}>${help}</p>`}
    <${Fault} id=${`${id}-fault`} text=${fault} />
  </form>`;
}
