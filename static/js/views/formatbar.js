/** The row of buttons for Markdown above the field, for who wants it there. */

import { html } from "htm/preact";
import { useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ownsKey } from "parley/lib/ime.js";
import { FORMAT_KEYS } from "parley/views/field.js";
import { apply } from "parley/views/format.js";
import { Icon } from "parley/views/icons.js";
import { KEYS, keysOf, signsOf } from "parley/views/keys.js";

/** @typedef {import("parley/views/format.js").Format} Format */

/** @type {readonly Format[]} */
const FORMATS = ["bold", "italic", "strike", "code", "list", "quote", "link"];
/** @param {{ box: { current: HTMLTextAreaElement | null } }} props */
export function FormatBar({ box }) {
  const bar = useRef(/** @type {HTMLElement | null} */ (null));
  const stop = useRef(0);
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    const way = event.key === "ArrowRight" ? 1 : event.key === "ArrowLeft" ? -1 : 0;
    if (!way || ownsKey(event)) return;
    event.preventDefault();
    const buttons = /** @type {HTMLElement[]} */ ([...(bar.current?.children ?? [])]);
    buttons[stop.current].tabIndex = -1;
    stop.current = (stop.current + way + buttons.length) % buttons.length;
    buttons[stop.current].tabIndex = 0;
    buttons[stop.current].focus();
  };
  return html`<div class="format-bar" role="toolbar" aria-label=${t("format.label")} aria-controls="composer-text" ref=${bar} onKeyDown=${onKeyDown}
      onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()}>
    ${FORMATS.map((format, index) => html`<button key=${format} type="button" class="tool" tabindex=${index === stop.current ? "0" : "-1"} aria-label=${t(`format.${format}`)}
      title=${titleOf(format)} onClick=${() => box.current && apply(box.current, format)}><${Icon} name=${format === "quote" ? "cite" : format} /></button>`)}
  </div>`;
}

/** @param {Format} format */
function titleOf(format) {
  const key = KEYS.find(({ id }) => id === FORMAT_KEYS.find(([one]) => one === format)?.[1]);
  return key ? `${t(`format.${format}`)} (${signsOf(keysOf(key)[0]).join("+")})` : t(`format.${format}`);
}
