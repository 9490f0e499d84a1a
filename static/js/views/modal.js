/** A dialog: the browser's own, so focus, Esc and the page behind it are right. */

import { html } from "htm/preact";
import { useEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { Icon } from "parley/views/icons.js";
import { dialog } from "parley/views/derived.js";

/** @param {{ title: string, narrow?: boolean, children?: any }} props */
export function Modal({ title, narrow = false, children }) {
  const box = useRef(/** @type {HTMLDialogElement | null} */ (null));
  useEffect(() => {
    const before = /** @type {HTMLElement | null} */ (document.activeElement);
    box.current?.showModal();
    return () => before?.isConnected && before.focus();
  }, []);
  const close = () => (dialog.value = null);
  return html`<dialog class=${narrow ? "modal narrow" : "modal"} ref=${box} aria-labelledby="modal-title"
      onCancel=${(/** @type {Event} */ event) => { event.preventDefault(); close(); }}
      onKeyDown=${(/** @type {KeyboardEvent} */ event) => {
        if (event.key === "Escape" && ownsKey(event)) event.preventDefault();
        event.stopPropagation();
      }}
      onPointerDown=${(/** @type {PointerEvent} */ event) => event.target === box.current && close()}>
    <div class="modal-body">
      <header class="modal-head"><h2 id="modal-title">${title}</h2>
        <button type="button" class="tool" aria-label=${t("action.close")} title=${t("action.close")} onClick=${close}><${Icon} name="close" /></button></header>
      ${children}
    </div>
  </dialog>`;
}
