/** What one wants the others to know, and until when. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints } from "parley/lib/text.js";
import { moment, zoneName } from "parley/lib/time.js";
import { account } from "parley/views/settings/door.js";
import { LINE_LENGTH } from "parley/views/settings/limits.js";
import { Fault, SaveWord, useSaving } from "parley/views/settings/saving.js";
import { distance, momentOf, UNTIL } from "parley/views/settings/spans.js";

/** @typedef {import("parley/views/settings/spans.js").Until} Until */

/** What one often is, with the time it mostly takes. @type {[string, Until][]} */
const OFTEN = [["meeting", "hour"], ["away", "half-hour"], ["focus", "four-hours"], ["ill", "today"], ["holiday", "week"]];

/** What was typed and not saved: it stays if one looks at another tab. @type {string | null} */
let begun = null;

/** @param {{ me: import("parley/store/shapes.js").Me }} props */
export function Status({ me }) {
  const now = Date.now();
  const stands = me.status_until === null || me.status_until > now;
  const value = stands ? me.status : "";
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const [text, setText] = useState(begun ?? value);
  const [until, setUntil] = useState(/** @type {Until | ""} */ (""));
  const [saving, run, forget] = useSaving();
  const keeps = value && me.status_until ? t("settings.status.keep", { time: distance(me.status_until, now) }) : "";
  const chosen = until || (keeps ? "" : "never");
  const changed = text.trim() !== value || (until !== "" && value !== "");
  useLayoutEffect(() => {
    if (begun === null || !box.current) write(value);
    else box.current.value = begun;
  }, [value]);
  /** @param {string} next */
  const write = (next) => {
    if (isComposing() || !box.current) return;
    box.current.value = next;
    begun = next.trim() === value ? null : next;
    setText(next);
  };
  const typed = () => {
    if (isComposing()) return;
    const next = box.current?.value ?? "";
    begun = next.trim() === value ? null : next;
    setText(next);
    if (saving.phase) forget();
  };
  const save = (/** @type {string} */ status, /** @type {number | null} */ status_until) =>
    run(async () => {
      await account().change({ status, status_until });
      // Unless something else was written or chosen meanwhile.
      if (begun?.trim() === status) begun = null;
      setUntil((now) => (now === until ? "" : now));
    });
  const submit = (/** @type {Event} */ event) => {
    event.preventDefault();
    const sent = (box.current?.value ?? "").trim();
    if (isComposing() || saving.phase === "saving" || !changed || codePoints(sent) > LINE_LENGTH) return;
    save(sent, !sent ? null : chosen === "" ? me.status_until : momentOf(chosen, Date.now(), zoneName()));
  };
  const clear = async () => {
    if (await save("", null)) write("");
    box.current?.focus();
  };
  const back = () => {
    write(value);
    setUntil("");
    forget();
    box.current?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event) || (event.key === "Enter" && ownsKey(event))) event.preventDefault();
    if (ownsKey(event) || event.key !== "Escape" || !changed) return;
    event.preventDefault();
    event.stopPropagation();
    back();
  };
  const over = codePoints(text.trim()) - LINE_LENGTH;
  const fault = over > 0 ? t("composer.over", { count: over }) : (saving.fields.status ?? saving.fields.status_until ?? saving.error);
  return html`<form class="form settings-status" onSubmit=${submit} noValidate>
    <div class="status-fields">
      <div class="field"><div class="label-line"><label for="set-status">${t("settings.status.text")}</label><${SaveWord} state=${saving} /></div>
        <input id="set-status" ref=${box} dir="auto" autocomplete="off" placeholder=${t("settings.status.example")} aria-invalid=${fault ? "true" : undefined}
          aria-describedby=${fault ? "set-status-fault" : undefined} onInput=${typed} onCompositionEnd=${() => setTimeout(typed)} onKeyDown=${onKeyDown} /></div>
      <div class="field"><label for="set-until">${t("settings.status.until")}</label>
        <select id="set-until" value=${chosen} onChange=${(/** @type {Event} */ event) => setUntil(/** @type {Until} */ (/** @type {HTMLSelectElement} */ (event.currentTarget).value))}>
          ${keeps && html`<option value="">${keeps}</option>`}
          ${UNTIL.map((one) => html`<option key=${one} value=${one}>${t(`settings.until.${one}`)}</option>`)}
        </select></div>
    </div>
    <${Fault} id="set-status-fault" text=${fault} />
    <div class="status-row">${changed
      ? html`<button type="submit" class="button primary" disabled=${saving.phase === "saving" || over > 0}>${t("action.save")}</button>
        <button type="button" class="button" disabled=${saving.phase === "saving"} onClick=${back}>${t("action.cancel")}</button>`
      : value
        ? html`<button type="button" class="button" disabled=${saving.phase === "saving"} onClick=${clear}>${t("settings.status.clear")}</button>
          ${me.status_until && html`<span class="help" title=${moment(me.status_until)}>${t("settings.status.goes", { time: distance(me.status_until, now) })}</span>`}`
        : html`<div class="often" role="group" aria-label=${t("settings.status.often")}>${OFTEN.map(([name, span]) => html`<button key=${name} type="button" class="button" onClick=${() => { write(t(`settings.often.${name}`)); setUntil(span); box.current?.focus(); }}>${t(`settings.often.${name}`)}</button>`)}</div>`}
    </div>
  </form>`;
}
