/** A text that is shown this once: a token, a link. It stays until the person says that she has it. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { copy } from "parley/views/clipboard.js";
import { Icon } from "parley/views/icons.js";

/** @param {{ title: string, warning: string, text: string, done: () => void }} props */
export function Once({ title, warning, text, done }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    box.current?.scrollIntoView({ block: "nearest" });
    box.current?.focus({ preventScroll: true });
  }, [text]);
  return html`<div class="once" role="group" aria-labelledby="once-title" aria-describedby="once-warning" tabindex="-1" ref=${box}>
    <h3 id="once-title">${title}</h3>
    <p class="notice warning" id="once-warning">${warning}</p>
    <div class="once-row"><code class="once-text" translate="no">${text}</code>
      <button type="button" class="button primary" onClick=${() => copy(text)}><${Icon} name="copy" />${t("action.copy")}</button></div>
    <div class="actions"><button type="button" class="button" onClick=${done}>${t("settings.once.done")}</button></div>
  </div>`;
}
