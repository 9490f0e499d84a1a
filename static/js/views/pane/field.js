/** A text that is read, and edited in its place by who may. What was typed stays until it is saved or given up. */

import { html } from "htm/preact";
import { useId, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, ownsKey } from "parley/lib/ime.js";
import { codePoints } from "parley/lib/text.js";
import { sentence } from "parley/views/derived.js";
import { fit } from "parley/views/field.js";
import { Icon } from "parley/views/icons.js";

/**
 * @param {{ label: string, value: string, max: number, may: boolean, long?: boolean, required?: boolean, empty?: string,
 *   hint?: string, save: (value: string) => Promise<void> }} props
 */
export function Field({ label, value, max, may, long = false, required = false, empty = "", hint = "", save }) {
  const id = useId();
  const box = useRef(/** @type {any} */ (null));
  const button = useRef(/** @type {HTMLElement | null} */ (null));
  const [open, setOpen] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState("");
  const was = useRef(false);
  useLayoutEffect(() => {
    if (open) {
      box.current?.focus();
      if (long) fit(box.current);
    } else if (was.current) button.current?.focus();
    was.current = open;
  }, [open]);
  const close = () => {
    setOpen(false);
    setError("");
  };
  const keep = async (/** @type {Event} */ event) => {
    event.preventDefault();
    const next = box.current.value.trim();
    if (busy) return;
    if (next === value) return close();
    if (codePoints(next) > max) return setError(t("field.too-long", { count: max }));
    if (required && !next) return setError(t("field.empty"));
    setBusy(true);
    try {
      await save(next);
      close();
    } catch (problem) {
      setError(said(problem));
      box.current?.focus();
    }
    setBusy(false);
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event)) {
      if (event.key === "Enter" || event.key === "Escape") event.stopPropagation();
      if (event.key === "Enter" && !long) event.preventDefault();
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      close();
    } else if (long && event.key === "Enter" && (event.ctrlKey || event.metaKey)) keep(event);
  };
  const typed = () => {
    if (long) fit(box.current);
    if (error && !isComposing()) setError("");
  };
  const shared = { id, ref: box, dir: "auto", autocomplete: "off", defaultValue: value, onKeyDown, onInput: typed, onCompositionEnd: () => setTimeout(typed), "aria-invalid": error ? "true" : undefined, "aria-describedby": error ? `${id}-wrong` : undefined };
  if (!open) {
    if (!value && !may) return null;
    return html`<div class="fact">
      <div class="fact-head"><span class="fact-label" id=${id}>${label}</span>
        ${may && html`<button type="button" class="tool" ref=${button} aria-label=${t("field.edit", { label })} title=${t("field.edit", { label })} onClick=${() => setOpen(true)}><${Icon} name="edit" /></button>`}</div>
      <p class=${`fact-text ${long ? "long" : ""} ${value ? "" : "none"}`} dir="auto">${value || empty}</p>
    </div>`;
  }
  return html`<form class="fact form" onSubmit=${keep}>
    <div class="field"><label for=${id}>${label}</label>
      ${long ? html`<textarea ...${shared} rows="3"></textarea>` : html`<input ...${shared} />`}
      ${hint && !error && html`<p class="help">${hint}</p>`}
      ${error && html`<p class="error-text" role="alert" id=${`${id}-wrong`}>${error}</p>`}</div>
    <div class="actions"><button type="button" class="button small" onClick=${close}>${t("action.cancel")}</button>
      <button type="submit" class="button small primary" disabled=${busy}>${t("action.save")}</button></div>
  </form>`;
}

/**
 * What the server says of the one field that was sent.
 * @param {unknown} problem
 */
export function said(problem) {
  const { fields } = /** @type {{ fields?: Record<string, string[]> | null }} */ (problem ?? {});
  return Object.values(fields ?? {}).flat().join(" ") || sentence(problem);
}
