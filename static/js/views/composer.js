/** Where messages are written. The field is never written to while somebody composes with an input method. */

import { html } from "htm/preact";
import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints, excerpt } from "parley/lib/text.js";
import { allRows, rowAt } from "parley/store/rows.js";
import { client } from "parley/views/client.js";
import { editing, roomName } from "parley/views/derived.js";
import { fit } from "parley/views/fit.js";
import { Icon } from "parley/views/icons.js";
import { wordsOf } from "parley/views/markup.js";
import { Typing } from "parley/views/typing.js";

const HINT_BELOW = 500;
const DRAFT_MS = 250;

/**
 * @param {{ room: import("parley/store/shapes.js").Room, replyTo: number | null,
 *   setReplyTo: (seq: number | null) => void, onSent: () => void }} props
 */
export function Composer({ room, replyTo, setReplyTo, onSent }) {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const timer = useRef(/** @type {any} */ (null));
  const reply = useRef(replyTo);
  const [left, setLeft] = useState(Infinity);
  const limit = client.limits.value.text_code_points;
  reply.current = replyTo;

  const keep = () => {
    clearTimeout(timer.current);
    timer.current = null;
    if (box.current) client.drafts.set(room.id, { text: box.current.value, reply_to: reply.current });
  };
  const keepSoon = () => {
    if (!timer.current) timer.current = setTimeout(() => (isComposing() ? ((timer.current = null), keepSoon()) : keep()), DRAFT_MS);
  };

  useLayoutEffect(() => {
    const field = box.current;
    if (!field) return;
    field.value = client.drafts.get(room.id).text;
    fit(field);
    measure(field.value);
    if (!matchMedia("(pointer: coarse)").matches) field.focus({ preventScroll: true });
    const leave = () => keep();
    addEventListener("pagehide", leave);
    return () => {
      leave();
      removeEventListener("pagehide", leave);
    };
  }, [room.id]);
  useLayoutEffect(() => {
    if (box.current && !isComposing()) keep();
    if (replyTo !== null) box.current?.focus();
  }, [replyTo]);

  /** @param {string} text */
  const measure = (text) => {
    // Counting code points costs; far from the limit the length in UTF-16 says enough.
    const rest = text.length + HINT_BELOW < limit ? Infinity : limit - codePoints(text.trim());
    setLeft(rest < HINT_BELOW ? rest : Infinity);
  };
  const changed = () => {
    const field = box.current;
    if (!field) return;
    fit(field);
    if (isComposing()) return;
    measure(field.value);
    keepSoon();
    if (field.value.trim()) client.typing(room.id);
    else client.stopTyping(room.id);
  };
  const send = () => {
    const field = box.current;
    if (!field || isComposing()) return;
    const text = field.value.trim();
    if (!text) return;
    if (codePoints(text) > limit) return measure(field.value);
    client.say(room.id, text, replyTo);
    field.value = "";
    fit(field);
    setLeft(Infinity);
    reply.current = null;
    if (replyTo !== null) setReplyTo(null);
    keep();
    onSent();
    field.focus();
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event)) event.preventDefault();
    if (ownsKey(event)) return;
    const empty = !box.current?.value;
    if (event.key === "Enter" && !event.shiftKey && !event.altKey) {
      event.preventDefault();
      if (!event.repeat) send();
    } else if (event.key === "Escape" && replyTo !== null) {
      event.preventDefault();
      event.stopPropagation();
      setReplyTo(null);
    } else if (event.key === "ArrowUp" && empty && !event.altKey) {
      const log = client.state.value.logs[room.id];
      const last = log && allRows(log.rows).findLast((row) => row.author.id === client.me && !row.deleted);
      if (last) {
        event.preventDefault();
        editing.value = `${room.id} ${last.seq}`;
      }
    }
  };

  const log = client.state.value.logs[room.id];
  const quoted = replyTo !== null && log ? rowAt(log.rows, replyTo) : undefined;
  const over = left < 0 ? t("composer.over", { count: -left }) : "";
  if (room.archived) {
    return html`<section class="composer archived" aria-label=${t("landmark.composer")} data-landmark tabindex="-1"><p>${t("room.archived.long")}</p></section>`;
  }
  return html`<section class="composer" aria-label=${t("landmark.composer")} data-landmark tabindex="-1">
    <${Typing} room=${room.id} />
    ${replyTo !== null && html`<div class="replying">
      <${Icon} name="reply" />
      <span class="replying-text" dir="auto">${quoted ? t("composer.replying", { name: quoted.author.name, text: excerpt(wordsOf(quoted), 80) }) : t("composer.replying.unknown")}</span>
      <button type="button" class="tool" aria-label=${t("composer.reply.cancel")} title=${t("composer.reply.cancel")} onClick=${() => setReplyTo(null)}><${Icon} name="close" /></button>
    </div>`}
    <form class="composer-row" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); send(); }}>
      <textarea id="composer-text" ref=${box} rows="1" dir="auto" autocomplete="off" enterkeyhint="send"
        aria-label=${t("composer.label", { room: roomName(room) })} placeholder=${t("composer.placeholder", { room: roomName(room) })}
        aria-describedby="composer-left" aria-invalid=${over ? "true" : undefined}
        onInput=${changed} onCompositionEnd=${() => setTimeout(changed)} onKeyDown=${onKeyDown} onBlur=${() => client.stopTyping(room.id)}></textarea>
      <button type="submit" class="send" aria-label=${t("composer.send")} title=${over || t("composer.send")}
        aria-disabled=${over ? "true" : undefined} aria-describedby=${over ? "composer-left" : undefined}><${Icon} name="send" /></button>
    </form>
    <p id="composer-left" class=${over ? "left over" : "left"} role="status">${left === Infinity ? "" : over || t("composer.left", { count: left })}</p>
  </section>`;
}
