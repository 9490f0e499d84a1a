/** Who may not come back into a room, and letting them. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { when } from "parley/lib/time.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { sentence, toast } from "parley/views/derived.js";

/** @typedef {import("parley/net/rest.js").Ban} Ban */

/** @param {{ room: import("parley/store/shapes.js").Room }} props */
export function Bans({ room }) {
  const [page, setPage] = useState(/** @type {{ bans: Ban[], next: string | null } | null} */ (null));
  const [error, setError] = useState("");
  // Whoever is banned leaves: that is when the list is another one.
  const { stints = {} } = client.state.value.logs[room.id] ?? {};
  const gone = Object.values(stints).filter((stint) => stint.reason === "banned").length;
  const load = (/** @type {string | undefined} */ after) =>
    client.rest.bans(room.id, after).then(
      ({ bans, next }) => { setPage((now) => ({ bans: after && now ? [...now.bans, ...bans] : bans, next })); setError(""); },
      (problem) => setError(sentence(problem)),
    );
  useEffect(() => void load(undefined), [room.id, gone]);
  const lift = async (/** @type {Ban} */ ban) => {
    try {
      await client.rest.liftBan(room.id, ban.user.id);
      setPage((now) => now && { ...now, bans: now.bans.filter((one) => one.user.id !== ban.user.id) });
      toast(t("ban.lifted", { name: ban.user.name }));
    } catch (problem) {
      toast(sentence(problem));
    }
  };
  if (!error && !page?.bans.length) return null;
  return html`<section class="pane-section"><h3>${t("ban.title")}</h3>
    ${error && html`<p class="error-text" role="alert">${error} <button type="button" class="link-button" onClick=${() => load(undefined)}>${t("action.retry")}</button></p>`}
    <ul class="plain-list">${(page?.bans ?? []).map((ban) => html`<li key=${ban.user.id} class="line"><${Avatar} id=${ban.user.id} name=${ban.user.name} picture=${ban.user.picture} small />
      <span class="line-text"><span dir="auto">${ban.user.name}</span>
        <span class="help" dir="auto">${[ban.until ? t("ban.until", { until: when(ban.until) }) : t("ban.forever"), t("ban.by", { name: ban.by.name }), ban.reason ?? ""].filter(Boolean).join(t("dot"))}</span></span>
      <button type="button" class="button small" onClick=${() => lift(ban)}>${t("ban.lift")}</button></li>`)}</ul>
    ${page?.next && html`<button type="button" class="button small" onClick=${() => load(page.next ?? undefined)}>${t("action.more")}</button>`}
  </section>`;
}
