/** What a message answers. Only its number travels; the reader's client fetches the words if it does not hold them. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { excerpt } from "parley/lib/text.js";
import { rowAt } from "parley/store/rows.js";
import { client } from "parley/views/client.js";
import { Icon } from "parley/views/icons.js";
import { wordsOf } from "parley/views/markup.js";
import { follow, pathOf } from "parley/views/route.js";

/**
 * `row`: the answered message, if it is held. Given, not looked up: a list of hundreds must not draw its quotes whenever
 * anything anywhere changes.
 * @param {{ room: string, seq: number, row: import("parley/store/shapes.js").Message | undefined }} props
 */
export function Quote({ room, seq, row }) {
  const [missing, setMissing] = useState(false);
  useEffect(() => {
    if (row) return;
    const absent = () => {
      const log = client.state.peek().logs[room];
      if (!log || !rowAt(log.rows, seq)) setMissing(true);
    };
    client.load(room, { around: seq, limit: 1 }).then(absent, absent);
  }, [room, seq, Boolean(row)]);
  const body = row
    ? html`<span class="visually-hidden">${t("quote.label")}</span><span class="quote-author" dir="auto">${row.author.name}</span><span class="quote-text" dir="auto">${row.deleted ? t("message.deleted") : excerpt(wordsOf(row))}</span>`
    : html`<span class="quote-text">${missing ? t("quote.missing") : t("loading")}</span>`;
  // On a touch screen only the arrow leads away: a finger on the words means the message they stand in.
  const jump = (/** @type {MouseEvent} */ event) => {
    const arrow = /** @type {Element} */ (event.target).closest("a");
    if (arrow || !matchMedia("(pointer: coarse)").matches) follow(event, pathOf(room, seq));
  };
  return html`<div class="quote" onClick=${jump}>${body}<a class="quote-jump" href=${pathOf(room, seq)} tabindex="-1" aria-label=${t("quote.jump")} title=${t("quote.jump")}><${Icon} name="up" /></a></div>`;
}
