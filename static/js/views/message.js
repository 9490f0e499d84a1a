/** One message: its author, words, state and what can be done with it. */

import { html } from "htm/preact";
import { Component } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { excerpt } from "parley/lib/text.js";
import { clock, moment } from "parley/lib/time.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { editing, selected, sentence, toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { behind } from "parley/views/lazy.js";
import { Markup, wordsOf } from "parley/views/markup.js";
import { differ, memo } from "parley/views/memo.js";
import { mayWith } from "parley/views/postable.js";
import { Quote } from "parley/views/quote.js";
import { Receipts } from "parley/views/receipts.js";
import { showPane } from "parley/views/route.js";

/** @typedef {import("parley/store/shapes.js").Message} Row */

/** How far the tools stand out above a message, and how much of it they cover on a touch screen. */
const OVERLAP_PX = 14;
const TOUCH_OVERLAP_PX = 6;
/** What the day's name covers at the top of the list. */
const DAY_PX = 36;

/**
 * A stored message. `head`: the first of its author's group. `stop`: the one message that Tab stops at. `readers`: whose
 * last read message it is.
 * @typedef {{ room: string, row: Row, quoted: Row | undefined, name: string, head: boolean, mine: boolean, marked: boolean,
 *   addressed: boolean, edits: boolean, chosen: boolean, stop: boolean, readers: string, onReply: (row: Row) => void }} Props
 */

/**
 * Its tools are there while the pointer, the focus, a finger or their menu is: hundreds of messages with a bar each would
 * be twice as many nodes to make, lay out and keep.
 */
export class Message extends Component {
  /** @param {Props} props */
  constructor(props) {
    super(props);
    this.state = { pointed: false, focused: false, open: false };
  }

  /**
   * @param {Props} props
   * @param {object} state
   */
  shouldComponentUpdate(props, state) {
    return differ(this.props, props) || differ(this.state, state);
  }

  /** @param {PointerEvent} event */
  onPoint = (event) => {
    if (event.pointerType !== "touch") this.setState({ pointed: event.type === "pointerenter" });
  };

  /** @param {FocusEvent} event */
  onFocus = (event) => {
    const node = /** @type {Node} */ (event.currentTarget);
    const target = event.type === "focusin" ? event.target : event.relatedTarget;
    const within = target instanceof Element && node.contains(target);
    // A finger focuses too, but it shows and hides the tools by itself.
    const focused = within && (!matchMedia("(pointer: coarse)").matches || target.matches(":focus-visible"));
    if (focused !== this.state.focused) this.setState({ focused });
  };

  /** @param {MouseEvent} event */
  onClick = (event) => {
    const { room, row, chosen } = this.props;
    const own = /** @type {Element} */ (event.target).closest("a, button, textarea");
    if (!own && matchMedia("(pointer: coarse)").matches) selected.value = chosen ? "" : `${room} ${row.seq}`;
  };

  /** @param {MouseEvent} event */
  onMore = (event) => {
    const { room, row, onReply } = this.props;
    const anchor = /** @type {HTMLElement} */ (event.currentTarget);
    this.setState({ open: true });
    const onClose = () => this.setState({ open: false });
    import("parley/views/messagemenu.js").then(
      ({ openMessageMenu }) => openMessageMenu(anchor, { room, row, onReply, onClose }),
      (problem) => {
        onClose();
        toast(sentence(problem));
      },
    );
  };

  render() {
    const { room, row, quoted, name, head, mine, marked, addressed, edits, chosen, stop, readers, onReply } = /** @type {Props} */ (this.props);
    const { pointed, focused, open } = this.state;
    const words = row.deleted ? t("message.deleted") : excerpt(wordsOf(row), 400);
    const classes = ["message", head && "head", mine && "mine", marked && "marked", addressed && "addressed", chosen && "selected"];
    const label = t(addressed ? "message.label.mention" : "message.label", { name, time: clock(row.created_at), text: words });
    const tools = !row.deleted && !edits && (pointed || focused || open || chosen);
    const person = () => showPane(`person:${row.author.id}`);
    return html`<li class=${classes.filter(Boolean).join(" ")} data-seq=${row.seq} data-author=${row.author.id}
        onPointerEnter=${this.onPoint} onPointerLeave=${this.onPoint} onFocusIn=${this.onFocus} onFocusOut=${this.onFocus}>
      <article tabindex=${stop ? 0 : -1} aria-label=${label} onClick=${this.onClick}>
        ${head
          ? html`<span class="face" onClick=${person}><${Avatar} id=${row.author.id} name=${name} /></span>`
          : html`<${Clock} at=${row.created_at} gutter />`}
        <div class="message-main">
          ${head && html`<div class="message-head"><button type="button" class="author" tabindex="-1" dir="auto" onClick=${person}>${name}</button><${Clock} at=${row.created_at} /></div>`}
          ${row.reply_to != null && !row.deleted && html`<${Quote} room=${room} seq=${row.reply_to} row=${quoted} />`}
          ${row.deleted
            ? html`<p class="tombstone">${t("message.deleted")}</p>`
            : edits
              ? html`<${behind.peek()?.Editor} room=${room} row=${row} />`
              : html`<${Markup} source=${row.html} />`}
          ${row.edited_at != null && !row.deleted && !edits && html`<button type="button" class="edited" tabindex="-1" title=${moment(row.edited_at)} aria-description=${t("message.history")} onClick=${() => showPane(`history:${row.seq}`)}>${t("message.edited")}</button>`}
        </div>
        ${readers && html`<${Receipts} users=${readers} />`}
        ${tools && html`<${Tools} room=${room} row=${row} chosen=${chosen} onReply=${onReply} onMore=${this.onMore} />`}
      </article>
    </li>`;
  }
}

/**
 * Over the message, so that they move nothing; below the day's name where the message begins above the screen.
 * @param {{ room: string, row: Row, chosen: boolean, onReply: (row: Row) => void, onMore: (event: MouseEvent) => void }} props
 */
function Tools({ room, row, chosen, onReply, onMore }) {
  const bar = useRef(/** @type {HTMLElement | null} */ (null));
  const { rooms, me, people } = client.state.value;
  const may = mayWith(row, rooms[room], me, people);
  const edit = () => {
    selected.value = "";
    editing.value = `${room} ${row.seq}`;
  };
  useLayoutEffect(() => {
    const node = bar.current;
    const list = node?.closest(".messages");
    const article = node?.closest("article");
    if (!node || !list || !article) return;
    const box = article.getBoundingClientRect();
    const above = matchMedia("(pointer: coarse)").matches ? TOUCH_OVERLAP_PX - node.offsetHeight : -OVERLAP_PX;
    const least = list.getBoundingClientRect().top + DAY_PX - box.top;
    node.style.top = `${Math.round(Math.max(above, Math.min(least, box.height - node.offsetHeight)))}px`;
  }, [chosen]);
  const actions = [
    may.reply && { label: t("message.reply"), icon: "reply", act: () => onReply(row) },
    may.edit && { label: t("message.edit"), icon: "edit", act: edit },
    { label: t("message.more"), icon: "more", act: onMore, menu: true },
  ];
  return html`<div class="tools" role="toolbar" aria-label=${t("message.tools")} ref=${bar}>${actions.filter((one) => one !== false).map(({ label, icon, act, menu }, index) => html`<button type="button"
    key=${icon} class="tool" tabindex=${index === 0 ? 0 : -1} aria-label=${label} title=${label} aria-haspopup=${menu ? "menu" : undefined} onClick=${act}><${Icon} name=${icon} /></button>`)}</div>`;
}

/**
 * A message on its way: grey and as typed, in the very place where its row will stand.
 * @param {{ item: import("parley/store/outbox.js").Item, quoted: Row | undefined, head: boolean, name: string, offline: boolean,
 *   stop: boolean }} props
 */
function pendingView({ item, quoted, head, name, offline, stop }) {
  const failed = item.state === "failed";
  const waits = offline && !failed;
  return html`<li class=${`message mine ${failed ? "failed" : "pending"} ${head ? "head" : ""}`} data-client-id=${item.client_id} data-state=${item.state}>
    <article tabindex=${stop ? 0 : -1} aria-label=${t(failed ? "message.label.failed" : "message.label.pending", { text: excerpt(item.text, 400) })}>
      ${head ? html`<${Avatar} id=${client.me} name=${name} />` : waits ? html`<${Waiting} />` : html`<${Clock} at=${item.at} gutter />`}
      <div class="message-main">
        ${head && html`<div class="message-head"><span class="author" dir="auto">${name}</span><${Clock} at=${item.at} />${waits && html`<${Waiting} />`}</div>`}
        ${item.reply_to !== null && html`<${Quote} room=${item.room} seq=${item.reply_to} row=${quoted} />`}
        <div class="markup plain" dir="auto"><p>${item.text}</p></div>
        ${failed && html`<div class="failure" role="alert">
          <span>${item.error || t("message.failed")}</span>
          <span class="failure-actions">
            <button type="button" class="button small" onClick=${() => client.retry(item.client_id)}>${t("action.retry")}</button>
            <button type="button" class="button small plain" onClick=${() => behind.peek()?.copy(item.text)}>${t("action.copy")}</button>
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
