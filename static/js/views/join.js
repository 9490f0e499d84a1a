/** Where a link into a room leads: what room it is, who invites, and the way in. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { Avatar } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { heading, sentence } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { RoomFacts } from "parley/views/roomcard.js";
import { follow, go, pathOf } from "parley/views/route.js";

/** Where the page for those who are not signed in keeps the token, too. */
const KEPT = "parley.link";

/** The token goes from the address into this tab, so that it is in no history and survives a reload. */
function tokenHere() {
  const given = location.hash.slice(1);
  try {
    if (given) sessionStorage.setItem(KEPT, given);
    return given || (sessionStorage.getItem(KEPT) ?? "");
  } catch {
    return given;
  }
}

function forget() {
  try {
    sessionStorage.removeItem(KEPT);
  } catch {
    // there was none
  }
}

export function View() {
  const [token, setToken] = useState(tokenHere);
  const [seen, setSeen] = useState(/** @type {Awaited<ReturnType<typeof client.rest.seeLink>> | null} */ (null));
  const [problem, setProblem] = useState(/** @type {{ kind: string, text: string } | null} */ (null));
  const [busy, setBusy] = useState(false);
  const wrong = (/** @type {unknown} */ error) => {
    const { code } = /** @type {{ code?: string }} */ (error ?? {});
    if (code === "not_found" || code === "forbidden") forget();
    setProblem({ kind: code === "not_found" || code === "invalid" ? "void" : code === "forbidden" ? "banned" : "error", text: sentence(error) });
  };
  const look = () => {
    setProblem(null);
    if (token) client.rest.seeLink(token).then(setSeen, wrong);
  };
  useLayoutEffect(() => {
    heading.value = t("join.title");
    if (location.hash) history.replaceState(history.state, "", location.pathname);
    // Another link, opened in the same tab, changes only what stands behind the #.
    const again = () => {
      setSeen(null);
      setToken(tokenHere());
      history.replaceState(history.state, "", location.pathname);
    };
    addEventListener("hashchange", again);
    return () => removeEventListener("hashchange", again);
  }, []);
  useEffect(look, [token]);
  const join = async () => {
    setBusy(true);
    try {
      const entry = await client.rest.joinByLink(token);
      forget();
      go(pathOf(client.entered(entry)), { replace: true });
    } catch (error) {
      wrong(error);
      setBusy(false);
    }
  };
  const inside = seen && (seen.joined || client.state.value.rooms[seen.room.id]);
  return html`<main class="room nothing" id="main" aria-label=${t("join.title")} data-landmark tabindex="-1">
    <a class="tool back corner" href="/" aria-label=${t("action.back")} onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}><${Icon} name="back" /></a>
    ${!token
      ? html`<div class="empty" role="status"><p class="empty-title">${t("join.none")}</p><p>${t("join.none.hint")}</p></div>`
      : problem
        ? html`<div class="empty" role="alert"><p class="empty-title">${problem.kind === "banned" ? t("join.banned") : problem.text}</p>
            <p>${problem.kind === "void" ? t("join.void.hint") : problem.kind === "banned" ? problem.text : ""}</p>
            ${problem.kind === "error" ? html`<button type="button" class="button" onClick=${look}>${t("action.retry")}</button>` : html`<a class="button" href="/" onClick=${(/** @type {MouseEvent} */ event) => follow(event, "/")}>${t("action.back.list")}</a>`}</div>`
        : seen
          ? html`<section class="card join-card">
              <p class="join-by"><${Avatar} id=${seen.by.id} name=${seen.by.name} picture=${seen.by.picture} small /><span dir="auto">${t("join.by", { name: seen.by.name })}</span></p>
              <${RoomFacts} room=${seen.room} members=${seen.members} />
              ${inside
                ? html`<p class="notice">${t("join.in")}</p><a class="button primary wide" href=${pathOf(seen.room.id)} onClick=${(/** @type {MouseEvent} */ event) => { forget(); follow(event, pathOf(seen.room.id)); }}>${t("join.open")}</a>`
                : html`<button type="button" class="button primary wide" disabled=${busy} onClick=${join}>${t("room.join")}</button>`}
            </section>`
          : html`<p class="help" role="status">${t("loading")}</p>`}
  </main>`;
}
