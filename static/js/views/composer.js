/** Where messages are written. The field is never written to while somebody composes with an input method. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { isComposing, isLateEnter, ownsKey } from "parley/lib/ime.js";
import { codePoints, excerpt } from "parley/lib/text.js";
import { allRows, rowAt } from "parley/store/rows.js";
import { formatBar, sendKeys } from "parley/views/choices.js";
import { client } from "parley/views/client.js";
import { editing, roomName, sentence } from "parley/views/derived.js";
import { fit, formatKey, onPaste } from "parley/views/field.js";
import { Icon } from "parley/views/icons.js";
import { KEYS, keysOf, pressed, signsOf } from "parley/views/keys.js";
import { behind } from "parley/views/lazy.js";
import { wordsOf } from "parley/views/markup.js";
import { whyNot, whyNotSentence } from "parley/views/postable.js";
import { loadSources, Suggestions, useSuggest } from "parley/views/suggest.js";

/** @typedef {import("parley/store/shapes.js").Room} Room */
/** @typedef {{ room: Room, replyTo: number | null, setReplyTo: (seq: number | null) => void, onSent: () => void }} Props */

const HINT_BELOW = 500;
const DRAFT_MS = 250;
/** What may be a command; whether it is one, those who know them say. */
const COMMAND = /^\/[a-z]+(?:\s|$)/;
/** The longest that a timer can wait. */
const FAR_MS = 2 ** 31 - 1;

/** What was being edited in the first room one sees after a reload, until its message is there. undefined: not looked for.
 * @type {{ room: string, seq: number } | null | undefined} */
let begun;

/** @param {Props} props */
export function Composer(props) {
  const { room } = props;
  const { me, people } = client.state.value;
  const reason = whyNot(room, me, people);
  const [, wake] = useState(0);
  const until = reason?.until ?? null;
  useEffect(() => {
    if (until === null) return;
    const timer = setTimeout(() => wake((nth) => nth + 1), Math.min(FAR_MS, Math.max(0, until - Date.now()) + 50));
    return () => clearTimeout(timer);
  }, [until]);
  if (!reason) return html`<${Field} ...${props} />`;
  return html`<section class="composer closed" aria-label=${t("landmark.composer")} data-landmark tabindex="-1">
    <p role="status"><${Icon} name="lock" /><span>${whyNotSentence(reason)}</span></p></section>`;
}

/** @param {Props} props */
function Field({ room, replyTo, setReplyTo, onSent }) {
  const box = useRef(/** @type {HTMLTextAreaElement | null} */ (null));
  const timer = useRef(/** @type {any} */ (null));
  const reply = useRef(replyTo);
  /** What the field held when it was last read or kept: else somebody has written in it since. */
  const shown = useRef("");
  const [left, setLeft] = useState(Infinity);
  const [aside, setAside] = useState("");
  const [error, setError] = useState("");
  const busy = useRef(false);
  const suggest = useSuggest(box, room, { commands: true, run: () => send() });
  const limit = client.limits.value.text_code_points;
  const arrived = client.drafts.arrived.value;
  reply.current = replyTo;

  const keep = () => {
    clearTimeout(timer.current);
    timer.current = null;
    const field = box.current;
    if (!field) return;
    const draft = client.drafts.get(room.id);
    if (field.value === shown.current && reply.current === draft.reply_to) return;
    shown.current = field.value;
    client.drafts.set(room.id, { text: field.value, reply_to: reply.current });
  };
  const keepSoon = () => {
    if (!timer.current) timer.current = setTimeout(() => (isComposing() ? ((timer.current = null), keepSoon()) : keep()), DRAFT_MS);
  };
  /** @param {string} text */
  const fill = (text) => {
    const field = box.current;
    if (!field) return;
    field.value = text;
    shown.current = text;
    suggest.reset();
    fit(field);
    measure(text);
  };

  useLayoutEffect(() => {
    fill(client.drafts.get(room.id).text);
    if (!matchMedia("(pointer: coarse)").matches) box.current?.focus({ preventScroll: true });
    if (begun === undefined) {
      const seqs = client.edits.of(room.id);
      begun = seqs.length ? { room: room.id, seq: Math.max(...seqs) } : null;
    }
    const leave = () => {
      keep();
      client.drafts.push(room.id);
      client.stopTyping(room.id);
    };
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
  // What came from another device stands in a field that nobody has touched.
  useLayoutEffect(() => {
    const draft = client.drafts.get(room.id);
    setAside(draft.aside);
    const field = box.current;
    if (!field || isComposing() || field.value !== shown.current || timer.current) return;
    if (draft.text !== field.value) fill(draft.text);
    if (draft.reply_to !== reply.current) setReplyTo(draft.reply_to);
  }, [arrived]);

  /** @param {string} text */
  const measure = (text) => {
    // Counting code points costs; far from the limit the length in UTF-16 says enough.
    const rest = text.length + HINT_BELOW < limit ? Infinity : limit - codePoints(text.trim());
    setLeft(rest < HINT_BELOW ? rest : Infinity);
  };
  const changed = (/** @type {InputEvent | undefined} */ event = undefined) => {
    const field = box.current;
    if (!field) return;
    fit(field);
    if (isComposing()) return;
    client.drafts.touch(room.id);
    measure(field.value);
    setError("");
    keepSoon();
    suggest.look(event);
    if (field.value.trim()) client.typing(room.id);
    else client.stopTyping(room.id);
  };
  const clear = () => {
    const field = box.current;
    if (!field) return;
    // Not with `fill`: these words are to be forgotten elsewhere too.
    field.value = "";
    fit(field);
    suggest.reset();
    setLeft(Infinity);
    reply.current = null;
    if (replyTo !== null) setReplyTo(null);
    keep();
    field.focus();
  };
  const send = () => {
    const field = box.current;
    if (!field || isComposing()) return;
    const text = field.value.trim();
    if (!text) return;
    if (COMMAND.test(field.value)) return obey(field.value);
    say(text);
  };
  /** @param {string} text */
  const say = (text) => {
    if (codePoints(text) > limit) return measure(text);
    client.say(room.id, text, replyTo, roomName(room));
    clear();
    onSent();
  };
  const obey = async (/** @type {string} */ given) => {
    if (busy.current) return;
    busy.current = true;
    try {
      const { commandIn } = await loadSources();
      // Who went on writing meanwhile keeps it.
      const same = () => box.current?.value === given;
      const command = commandIn(room, given);
      if (!command) return void (same() && say(given.trim()));
      client.stopTyping(room.id);
      await command();
      if (same()) clear();
    } catch (problem) {
      const { name, message } = /** @type {Error} */ (problem);
      setError(name === "Refused" ? message : sentence(problem));
    } finally {
      busy.current = false;
    }
  };
  const onKeyDown = (/** @type {KeyboardEvent} */ event) => {
    if (isLateEnter(event)) event.preventDefault();
    if (ownsKey(event) || suggest.onKey(event) || formatKey(event)) return;
    const empty = !box.current?.value;
    if (pressed(event, "send") || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
      event.preventDefault();
      if (!event.repeat) send();
    } else if (event.key === "Escape" && replyTo !== null) {
      event.preventDefault();
      event.stopPropagation();
      setReplyTo(null);
    } else if (pressed(event, "edit-last") && empty) {
      // The last one said is still on its way: to edit the one before it would be a surprise.
      if (client.outbox.items.value.some((item) => item.room === room.id && item.state !== "failed")) return event.preventDefault();
      const log = client.state.value.logs[room.id];
      const last = log && allRows(log.rows).findLast((row) => row.author.id === client.me && !row.deleted);
      if (last) {
        event.preventDefault();
        editing.value = `${room.id} ${last.seq}`;
      }
    }
  };
  const takeAside = async () => {
    const { insert } = await loadSources();
    const field = box.current;
    if (!field || isComposing()) return;
    const { length } = field.value;
    insert(field, length, length, (length ? "\n" : "") + aside);
    client.drafts.settle(room.id);
  };

  const log = client.state.value.logs[room.id];
  useEffect(() => resumeEdit(room.id, log));
  const quoted = replyTo !== null && log ? rowAt(log.rows, replyTo) : undefined;
  const over = left < 0 ? t("composer.over", { count: -left }) : "";
  const name = roomName(room);
  const barred = formatBar.value === "on";
  // Each has a key: what comes and goes above the form must never cost the field with what is written in it.
  return html`<section class="composer" aria-label=${t("landmark.composer")} data-landmark tabindex="-1">
    <${Typing} key="typing" room=${room.id} />
    ${error !== "" && html`<p key="error" class="composer-error" role="alert">${error}</p>`}
    ${aside !== "" && html`<div key="aside" class="replying aside">
      <${Icon} name="clock" />
      <span class="replying-text" dir="auto">${t("composer.aside", { text: excerpt(aside, 80) })}</span>
      <button type="button" class="button small plain" onClick=${takeAside}>${t("composer.aside.take")}</button>
      <button type="button" class="tool" aria-label=${t("composer.aside.drop")} title=${t("composer.aside.drop")} onClick=${() => client.drafts.settle(room.id)}><${Icon} name="close" /></button>
    </div>`}
    ${replyTo !== null && html`<div key="reply" class="replying">
      <${Icon} name="reply" />
      <span class="replying-text" dir="auto">${quoted ? t("composer.replying", { name: quoted.author.name, text: excerpt(wordsOf(quoted), 80) }) : t("composer.replying.unknown")}</span>
      <button type="button" class="tool" aria-label=${t("composer.reply.cancel")} title=${t("composer.reply.cancel")} onClick=${() => setReplyTo(null)}><${Icon} name="close" /></button>
    </div>`}
    <form key="form" class="composer-row" onSubmit=${(/** @type {Event} */ event) => { event.preventDefault(); send(); }}>
      ${barred && html`<${Bar} key="bar" box=${box} />`}
      <button key="switch" type="button" class="tool format-switch" aria-label=${t("format.label")} title=${t("format.label")} aria-pressed=${barred ? "true" : "false"}
        onMouseDown=${(/** @type {Event} */ event) => event.preventDefault()} onClick=${() => (formatBar.value = barred ? "off" : "on")}><${Icon} name="format" /></button>
      <textarea key="field" id="composer-text" ref=${box} rows="1" dir="auto" autocomplete="off" enterkeyhint=${sendKeys.value === "enter" ? "send" : "enter"}
        aria-label=${t("composer.label", { room: name })} placeholder=${t("composer.placeholder", { room: name })}
        aria-describedby="composer-left composer-keys" aria-invalid=${over ? "true" : undefined}
        onInput=${changed} onCompositionEnd=${() => setTimeout(changed)} onKeyDown=${onKeyDown} onPaste=${onPaste} onBlur=${() => client.stopTyping(room.id)}></textarea>
      <button key="send" type="submit" class="send" aria-label=${t("composer.send")} title=${over || t("composer.send")}
        aria-disabled=${over ? "true" : undefined} aria-describedby=${over ? "composer-left" : undefined}><${Icon} name="send" /></button>
    </form>
    <p key="left" id="composer-left" class=${over ? "left over" : "left"} role="status">${left === Infinity ? null : over || t("composer.left", { count: left })}</p>
    <p key="keys" id="composer-keys" class="composer-keys">${t("composer.keys", { send: keyName("send"), break: keyName("break") })}</p>
    <${Suggestions} key="suggest" suggest=${suggest} />
  </section>`;
}

/** The buttons for Markdown are loaded for who wants them. @type {any} */
let FormatBar = null;

/** @param {{ box: { current: HTMLTextAreaElement | null } }} props */
function Bar({ box }) {
  const [, drawn] = useState(false);
  useEffect(() => {
    if (FormatBar) return;
    import("parley/views/formatbar.js").then((module) => ((FormatBar = module.FormatBar), drawn(true)), () => {});
  }, []);
  // Its place is kept while it loads.
  return FormatBar ? html`<${FormatBar} box=${box} />` : html`<div class="format-bar"></div>`;
}

/** Its place is always reserved, so nothing jumps. @param {{ room: string }} props */
function Typing({ room }) {
  const later = behind.value;
  return html`<p class="typing" data-testid="typing">${later && html`<${later.Writers} room=${room} />`}</p>`;
}

/** @param {string} id */
function keyName(id) {
  const key = KEYS.find((one) => one.id === id);
  return key ? signsOf(keysOf(key)[0]).join("+") : "";
}

/**
 * After a reload the message that was being changed is open again, with the words as they were.
 * @param {string} room
 * @param {import("parley/store/shapes.js").Log | undefined} log
 */
function resumeEdit(room, log) {
  const row = begun?.room === room && log ? rowAt(log.rows, begun.seq) : undefined;
  if (!row) return;
  begun = null;
  if (row.author.id === client.me && !row.deleted && !editing.value) editing.value = `${room} ${row.seq}`;
}
