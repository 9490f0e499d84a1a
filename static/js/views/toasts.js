/** What just happened, for some seconds. While a dialog is open they stand in it: all else is behind and unheard. */

import { html } from "htm/preact";
import { toasts } from "parley/views/derived.js";

export function Toasts() {
  return html`<div class="toasts" role="status">${toasts.value.map((one) => html`<p key=${one.id} class="toast">${one.text}</p>`)}</div>`;
}
