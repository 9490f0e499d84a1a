/** A field that narrows a list while one types. Letters on their way to 汉字 narrow nothing; Esc empties it first. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { isComposing, ownsKey } from "parley/lib/ime.js";

/** @param {{ id: string, label: string, onText: (text: string) => void, focus?: boolean }} props */
export function SearchBox({ id, label, onText, focus = false }) {
  const box = useRef(/** @type {HTMLInputElement | null} */ (null));
  useLayoutEffect(() => {
    if (focus && !matchMedia("(pointer: coarse)").matches) box.current?.focus({ preventScroll: true });
  }, []);
  const typed = () => {
    if (!isComposing()) onText((box.current?.value ?? "").trim());
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (event.key !== "Escape") return;
    // The browser would empty the field, also under an input method.
    if (ownsKey(event)) event.preventDefault();
    else if (box.current?.value) {
      event.preventDefault();
      event.stopPropagation();
      box.current.value = "";
      onText("");
    }
  };
  return html`<div class="field search"><label class="visually-hidden" for=${id}>${label}</label>
    <input id=${id} ref=${box} type="search" autocomplete="off" dir="auto" enterkeyhint="search" placeholder=${label}
      onInput=${typed} onCompositionEnd=${() => setTimeout(typed)} onKeyDown=${onKeyDown} /></div>`;
}
