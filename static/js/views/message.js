/** One message: its author, words, state and what can be done with it. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { excerpt } from "parley/lib/text.js";
import { clock, moment } from "parley/lib/time.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { copy } from "parley/views/clipboard.js";
import { dialog, editing, selected } from "parley/views/derived.js";
import { Editor } from "parley/views/editor.js";
import { Icon } from "parley/views/icons.js";
import { Markup, wordsOf } from "parley/views/markup.js";
import { memo } from "parley/views/memo.js";
import { Quote } from "parley/views/quote.js";

/** @typedef {import("parley/store/shapes.js").Message} Row */

/**
 * A stored message. `head`: the first of its author's group.
 * @param {{ room: string, row: Row, head: boolean, mine: boolean, marked: boolean, edits: boolean,
 *   chosen: boolean, onReply: (row: Row) => void }} props
 */
function messageView({ room, row, head, mine, marked, edits, chosen, onReply }) {
  const key = `${room} ${row.seq}`;
  const words = row.deleted ? t("message.deleted") : excerpt(wordsOf(row), 400);
  const classes = ["message", head && "head", mine && "mine", marked && "marked", chosen && "selected"];
  const choose = (/** @type {MouseEvent} */ event) => {
    const own = /** @type {Element} */ (event.target).closest("a, textarea, .copy");
    if (!own && matchMedia("(pointer: coarse)").matches) selected.value = chosen ? "" : key;
  };
  return html`<li class=${classes.filter(Boolean).join(" ")} data-seq=${row.seq} data-author=${row.author.id}>
    <article tabindex="-1" aria-label=${t("message.label", { name: row.author.name, time: clock(row.created_at), text: words })} onClick=${choose}>
      ${head
        ? html`<${Avatar} id=${row.author.id} name=${row.author.name} />`
        : html`<${Clock} at=${row.created_at} gutter />`}
      <div class="message-main">
        ${head && html`<div class="message-head"><span class="author" dir="auto">${row.author.name}</span><${Clock} at=${row.created_at} /></div>`}
        ${row.reply_to != null && !row.deleted && html`<${Quote} room=${room} seq=${row.reply_to} />`}
        ${row.deleted
          ? html`<p class="tombstone">${t("message.deleted")}</p>`
          : edits
            ? html`<${Editor} room=${room} row=${row} />`
            : html`<${Markup} source=${row.html} />`}
        ${row.edited_at != null && !row.deleted && !edits && html`<span class="edited" title=${moment(row.edited_at)}>${t("message.edited")}</span>`}
      </div>
      ${!row.deleted && !edits && html`<div class="tools" role="toolbar" aria-label=${t("message.tools")}>
        <button type="button" class="tool" aria-label=${t("message.reply")} title=${t("message.reply")} onClick=${() => onReply(row)}><${Icon} name="reply" /></button>
        ${mine && html`<button type="button" class="tool" aria-label=${t("message.edit")} title=${t("message.edit")} onClick=${() => (editing.value = key)}><${Icon} name="edit" /></button>`}
        ${mine && html`<button type="button" class="tool" aria-label=${t("message.delete")} title=${t("message.delete")} onClick=${() => (dialog.value = { name: "delete", room, row })}><${Icon} name="trash" /></button>`}
      </div>`}
    </article>
  </li>`;
}

export const Message = memo(messageView);

/**
 * A message on its way: grey and as typed, in the very place where its row will stand.
 * @param {{ item: import("parley/store/outbox.js").Item, head: boolean, name: string, offline: boolean }} props
 */
function pendingView({ item, head, name, offline }) {
  const failed = item.state === "failed";
  const waits = offline && !failed;
  return html`<li class=${`message mine ${failed ? "failed" : "pending"} ${head ? "head" : ""}`} data-client-id=${item.client_id} data-state=${item.state}>
    <article tabindex="-1" aria-label=${t(failed ? "message.label.failed" : "message.label.pending", { text: excerpt(item.text, 400) })}>
      ${head ? html`<${Avatar} id=${client.me} name=${name} />` : waits ? html`<${Waiting} />` : html`<${Clock} at=${item.at} gutter />`}
      <div class="message-main">
        ${head && html`<div class="message-head"><span class="author" dir="auto">${name}</span><${Clock} at=${item.at} />${waits && html`<${Waiting} />`}</div>`}
        ${item.reply_to !== null && html`<${Quote} room=${item.room} seq=${item.reply_to} />`}
        <div class="markup plain" dir="auto"><p>${item.text}</p></div>
        ${failed && html`<div class="failure" role="alert">
          <span>${item.error || t("message.failed")}</span>
          <span class="failure-actions">
            <button type="button" class="button small" onClick=${() => client.retry(item.client_id)}>${t("action.retry")}</button>
            <button type="button" class="button small plain" onClick=${() => copy(item.text)}>${t("action.copy")}</button>
            <button type="button" class="button small plain" onClick=${() => client.outbox.remove(item.client_id)}>${t("action.delete")}</button>
          </span>
        </div>`}
      </div>
    </article>
  </li>`;
}

export const Pending = memo(pendingView);

/** Beside the text, so that its line has the same height before and after. */
function Waiting() {
  return html`<span class="waiting" role="img" aria-label=${t("message.waiting")} title=${t("message.waiting")}><${Icon} name="clock" /></span>`;
}

/** @param {{ at: number, gutter?: boolean }} props */
function Clock({ at, gutter = false }) {
  return html`<time class=${gutter ? "clock gutter" : "clock"} datetime=${new Date(at).toISOString()} title=${moment(at)}>${clock(at)}</time>`;
}
