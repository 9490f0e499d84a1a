/** The one place where HTML of the server's enters the page. It was rendered and cleaned there, once. */

import { html } from "htm/preact";
import { memo } from "parley/views/memo.js";

/** @param {{ source: string }} props */
function view({ source }) {
  return html`<div class="markup" dir="auto" dangerouslySetInnerHTML=${{ __html: source }}></div>`;
}

/** A message's text as the server rendered it. */
export const Markup = memo(view);
