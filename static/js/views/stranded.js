/** Messages that could not be sent because their room is gone for this person: nothing fails where nobody sees it. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";
import { copy } from "parley/views/clipboard.js";

export function Stranded() {
  const { rooms, arriving } = client.state.value;
  if (!client.greeted.value || arriving) return null;
  const lost = client.outbox.items.value.filter((item) => !rooms[item.room] && item.state !== "acked");
  if (!lost.length) return null;
  return html`<section class="stranded" aria-label=${t("stranded.label")} role="alert">
    <ul>${lost.map((item) => html`<li key=${item.client_id}>
      <p>${item.name ? t("stranded", { room: item.name }) : t("stranded.unknown")}</p>
      <p class="quoted" dir="auto">${item.text}</p>
      <p class="actions"><button type="button" class="button small" onClick=${() => copy(item.text)}>${t("action.copy")}</button>
        <button type="button" class="button small plain" onClick=${() => client.outbox.remove(item.client_id)}>${t("action.delete")}</button></p>
    </li>`)}</ul>
  </section>`;
}
