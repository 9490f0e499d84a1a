/** Who is writing, in one line. */

import { html } from "htm/preact";
import { listOf, t } from "parley/lib/i18n.js";
import { client } from "parley/views/client.js";

const NAMED = 3;

/** @param {{ room: string }} props */
export function Writers({ room }) {
  const writers = Object.keys(client.whispers.typing.value[room] ?? {});
  const { people } = client.state.value;
  const names = writers.map((id) => people[id]?.name || t("typing.somebody"));
  const text =
    names.length === 0
      ? ""
      : names.length > NAMED
        ? t("typing.many")
        : t("typing", { count: names.length, names: listOf(names) });
  return text !== "" && html`<span class="typing-dots" aria-hidden="true"><i></i><i></i><i></i></span><span dir="auto">${text}</span>`;
}
