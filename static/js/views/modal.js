/** A dialog: the browser's own, so focus, Esc and the page behind it are right. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { Icon } from "parley/views/icons.js";
import { arrival, dialog } from "parley/views/derived.js";
import { Popovers } from "parley/views/popover.js";
import { cover } from "parley/views/route.js";
import { Toasts } from "parley/views/toasts.js";

/** Where the first of several dialogs was opened, and what that is part of. @type {HTMLElement[]} */
let openers = [];
/** So late may what was just done still take away what has the focus. */
const SETTLED_MS = 400;
let settling = 0;

/** @param {{ title: string, narrow?: boolean, wide?: boolean, children?: any }} props */
export function Modal({ title, narrow = false, wide = false, children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  const opened = useRef(dialog.value);
  const typed = useRef(false);
  // Before the next key: whoever types at once must not type into the page behind.
  useLayoutEffect(() => {
    clearTimeout(settling);
    const node = box.current;
    const active = /** @type {HTMLElement | null} */ (document.activeElement);
    if (active && active !== document.body && !active.closest("dialog")) openers = around(active);
    node?.showModal();
    const uncover = cover(close);
    return () => {
      uncover();
      node?.close();
      // The caret of the field that goes with the dialog would else be put somewhere behind: nothing could be typed there.
      getSelection()?.removeAllRanges();
      if (dialog.value) return;
      if (arrival.made) write();
      else giveBack(openers);
      arrival.made = false;
      openers = [];
    };
  }, []);
  // The browser may close it without asking (Esc twice), or late: another one may be open by then.
  const close = () => {
    if (dialog.value === opened.current) dialog.value = null;
  };
  return html`<dialog class=${narrow ? "modal narrow" : wide ? "modal wide" : "modal"} ref=${box} aria-labelledby="modal-title"
      onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); close(); }} onClose=${close}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape" && ownsKey(event)) event.preventDefault();
        event.stopPropagation();
      }}
      onInput=${(/** @type {Event} */ event) => (typed.current ||= /** @type {Element} */ (event.target).closest("form") !== null)}
      onPointerDown=${(/** @type {PointerEvent} */ event) => event.target === box.current && !typed.current && close()}>
    <div class="modal-body">
      <header class="modal-head"><h2 id="modal-title">${title}</h2>
        <button type="button" class="tool" aria-label=${t("action.close")} title=${t("action.close")} onClick=${close}><${Icon} name="close" /></button></header>
      ${children}
    </div>
    <${Popovers} />
    <${Toasts} />
  </dialog>`;
}

/**
 * @param {HTMLElement} node
 * @returns {HTMLElement[]}
 */
function around(node) {
  return [node, .../** @type {(HTMLElement | null)[]} */ (["article", "[data-landmark]"].map((what) => node.closest(what)))].filter((one) => one !== null);
}

/**
 * The focus returns to where the dialog was opened, or, if the dialog took that away, to what it was part of.
 * @param {HTMLElement[]} places
 */
function giveBack(places) {
  const give = () => {
    // What shows only under the pointer takes no focus.
    const part = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("aside.pane, #main"));
    for (const place of [...places, ...part]) {
      place.focus({ preventScroll: true });
      if (document.activeElement === place) return;
    }
  };
  give();
  settling = window.setTimeout(() => document.activeElement === document.body && !dialog.value && give(), SETTLED_MS);
}

/** To the field of the room on screen; a touch keyboard does not open by itself. */
function write() {
  if (matchMedia("(pointer: coarse)").matches) return;
  const focus = () => document.getElementById("composer-text")?.focus({ preventScroll: true });
  focus();
  // Another room's field is not there yet; it takes the focus itself, if nothing modal was in its way.
  requestAnimationFrame(focus);
}
