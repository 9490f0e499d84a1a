/** Choosing several people: what is found stands below the field, who was chosen in it. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, ownsKey } from "parley/lib/ime.js";
import { loadReadings, matches } from "parley/lib/pinyin.js";
import { Avatar, PresenceDot, Signs } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { directory } from "parley/views/whom.js";

/** @typedef {import("parley/store/shapes.js").Person} Person */

const PAUSE_MS = 150;
const SHOWN = 30;

/**
 * @param {{ label: string, chosen: Person[], onChange: (people: Person[]) => void, without?: Set<string>, max?: number,
 *   error?: string, focus?: boolean, low?: boolean }} props `without`: who is not offered; `low`: among other things
 */
export function Picker({ label, chosen, onChange, without = new Set(), max = 50, error = "", focus = false, low = false }) {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  const list = useRef(/** @type {HTMLElement | null} */ (null));
  const [text, setText] = useState("");
  const [found, setFound] = useState(/** @type {{ people: Person[], done: boolean }} */ ({ people: [], done: false }));
  const [problem, setProblem] = useState("");
  /** Which one Enter takes: none before one types or moves. */
  const [at, setAt] = useState(-1);
  const live = client.status.value.phase === "live";
  useLayoutEffect(() => void (focus && box.current?.focus()), []);
  useEffect(() => {
    loadReadings().catch(() => {});
    const abort = new AbortController();
    directory().read(abort.signal).catch(() => {});
    return () => abort.abort();
  }, [live]);
  useEffect(() => {
    const abort = new AbortController();
    const timer = setTimeout(async () => {
      try {
        setFound({ people: await client.rest.findPeople(text, abort.signal), done: true });
        setProblem("");
      } catch (wrong) {
        if (!abort.signal.aborted) setProblem(sentence(wrong));
      }
    }, text ? PAUSE_MS : 0);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, live]);
  const full = chosen.length >= max;
  const options = full ? [] : offered(found.people, text).filter((one) => !without.has(one.id) && !chosen.some((had) => had.id === one.id)).slice(0, SHOWN);
  const index = Math.min(at, options.length - 1);
  const typed = () => {
    if (isComposing()) return;
    const next = (box.current?.value ?? "").trim();
    setText(next);
    setAt(next ? 0 : -1);
  };
  const take = (/** @type {Person} */ person) => {
    onChange([...chosen, person]);
    if (box.current) box.current.value = "";
    setText("");
    setAt(-1);
    box.current?.focus();
  };
  const drop = (/** @type {string} */ id) => {
    onChange(chosen.filter((one) => one.id !== id));
    box.current?.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (ownsKey(event)) return;
    if ((event.key === "ArrowDown" || event.key === "ArrowUp") && options.length) {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? (index + 1) % options.length : (index > 0 ? index : options.length) - 1;
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter") {
      // With nothing typed and somebody chosen Enter is for the whole form.
      if (text || index >= 0 || !chosen.length) {
        event.preventDefault();
        if (options[index]) take(options[index]);
      }
    } else if (event.key === "Backspace" && !box.current?.value && chosen.length) drop(chosen[chosen.length - 1].id);
  };
  return html`<div class=${low ? "field picker low" : "field picker"}><label for="pick-text">${label}</label>
    <div class="picker-box" onClick=${(/** @type {Event} */ event) => event.target === event.currentTarget && box.current?.focus()}>
      ${chosen.map((person) => html`<span key=${person.id} class="pick"><${Avatar} id=${person.id} name=${person.name} picture=${person.picture} small /><span class="pick-name" dir="auto">${person.name}</span>
        <button type="button" class="pick-drop" aria-label=${t("pick.drop", { name: person.name })} title=${t("pick.drop", { name: person.name })} onClick=${() => drop(person.id)}><${Icon} name="close" /></button></span>`)}
      <input id="pick-text" ref=${box} autocomplete="off" dir="auto" enterkeyhint="done" role="combobox" aria-expanded=${options.length ? "true" : "false"} aria-controls="pick-list" aria-autocomplete="list"
        aria-activedescendant=${options[index] ? `pick-${options[index].id}` : undefined} aria-invalid=${error ? "true" : undefined} aria-describedby=${error ? "pick-wrong" : undefined}
        placeholder=${chosen.length ? "" : t("find.field.people")} readOnly=${full} onInput=${typed} onCompositionEnd=${() => setTimeout(typed)} onKeyDown=${onKeyDown} />
    </div>
    ${error && html`<p class="error-text" role="alert" id="pick-wrong">${error}</p>`}
    ${full && html`<p class="help" role="status">${t("pick.full", { count: max })}</p>`}
    ${problem && html`<p class="notice error" role="alert">${problem}</p>`}
    ${found.done && !text && !options.length && !full
      ? html`<p class="help" role="status">${t("pick.nobody")}</p>`
      : html`<ul class="options picker-list" id="pick-list" ref=${list} role="listbox" aria-label=${t("find.results")}>${options.map((person, nth) => html`<li key=${person.id} id=${`pick-${person.id}`} class="option"
      role="option" aria-selected=${nth === index ? "true" : "false"} onClick=${() => take(person)}>
      <${Avatar} id=${person.id} name=${person.name} picture=${person.picture} small /><span class="person-name"><span class="person-line"><span class="name" dir="auto">${person.name}</span><${Signs} person=${person} /></span><span class="handle" dir="auto">@${person.handle}</span></span><${PresenceDot} user=${person.id} /></li>`)}</ul>`}
    ${found.done && text && !options.length && !full && html`<p class="help" role="status">${t("members.nobody")}</p>`}
  </div>`;
}

/**
 * What the server found, and of those known here whose names read so.
 * @param {Person[]} people
 * @param {string} text
 * @returns {Person[]}
 */
function offered(people, text) {
  const bare = text.replace(/^[@＠]/, "");
  const held = [...Object.values(client.state.value.people), ...directory().known.value.people];
  const known = bare ? held.filter((one) => one.handle && matches(one.name, bare)) : [];
  const all = new Map([...people, ...known].map((one) => [one.id, one]));
  all.delete(client.me);
  return [...all.values()].filter((one) => !one.deactivated);
}
