/** The one place where HTML of the server's enters the page. It was rendered and cleaned there, once. */

import { html } from "htm/preact";
import { render } from "preact";
import { useLayoutEffect, useRef } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { Icon } from "parley/views/icons.js";
import { behind } from "parley/views/lazy.js";
import { memo } from "parley/views/memo.js";
import { followOwn } from "parley/views/route.js";

/** Most messages are one plain paragraph; those need no parser. */
const PLAIN = /^<p>([^<&]*)<\/p>\s*$/;

/** @type {WeakMap<object, string>} */
const known = new WeakMap();

/**
 * A message's words without the marks of Markdown, for quotes and for those who listen. The parser's document is inert.
 * @param {import("parley/store/shapes.js").Message} row
 * @returns {string}
 */
export function wordsOf(row) {
  let words = known.get(row);
  if (words === undefined) {
    const plain = PLAIN.exec(row.html);
    words = plain ? plain[1] : (new DOMParser().parseFromString(row.html, "text/html").body.textContent ?? "");
    known.set(row, words);
  }
  return words;
}

/** @param {{ source: string }} props */
function view({ source }) {
  const box = useRef(/** @type {HTMLElement | null} */ (null));
  useLayoutEffect(() => {
    if (source.includes("data-user=")) for (const one of box.current?.querySelectorAll(".mention") ?? []) own(one);
    if (source.includes("<pre")) for (const block of box.current?.querySelectorAll("pre") ?? []) frame(block);
  }, [source]);
  return html`<div class="markup" dir="auto" ref=${box} onClick=${followOwn} dangerouslySetInnerHTML=${{ __html: source }}></div>`;
}

/**
 * The server's words are the same for all readers: who is addressed is known here.
 * @param {Element} mention
 */
function own(mention) {
  const user = mention.getAttribute("data-user");
  if (user === client.me || user === "room" || user === "here") mention.classList.add("me");
}

/**
 * A block of code scrolls by itself, so its button stands beside it, not in it.
 * @param {HTMLElement} block
 */
function frame(block) {
  const around = document.createElement("div");
  around.className = "code";
  block.replaceWith(around);
  const corner = document.createElement("span");
  around.append(block, corner);
  const label = t("message.copy-code");
  render(html`<button type="button" class="tool copy" aria-label=${label} title=${label} onClick=${() => behind.peek()?.copy(block.textContent ?? "")}><${Icon} name="copy" /></button>`, corner);
}

/** A message's text as the server rendered it. */
export const Markup = memo(view);
