/** The one place where HTML of the server's enters the page. It was rendered and cleaned there, once. */

import { html } from "htm/preact";
import { memo } from "parley/views/memo.js";

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
  return html`<div class="markup" dir="auto" dangerouslySetInnerHTML=${{ __html: source }}></div>`;
}

/** A message's text as the server rendered it. */
export const Markup = memo(view);
