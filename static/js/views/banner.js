/** What stands between the person and the server; silent for the first two seconds, because most gaps are shorter. */

import { html } from "htm/preact";
import { useEffect, useLayoutEffect, useRef, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ACCOUNT_DISABLED, REPLACED, SESSION_EXPIRED } from "parley/net/socket.js";
import { client } from "parley/views/client.js";
import { Icon } from "parley/views/icons.js";

const PATIENCE_MS = 2000;

export function Banner() {
  const { phase, reason } = client.status.value;
  const away = phase !== "live" && phase !== "stopped" && phase !== "idle";
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!away) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [away]);
  let body = null;
  if (phase === "stopped" && reason === REPLACED) {
    body = html`<span>${t("banner.replaced")}</span><button type="button" class="button small" onClick=${() => client.socket.connect()}>${t("banner.use-here")}</button>`;
  } else if (phase === "stopped") {
    body = html`<span>${t("banner.stopped")}</span><button type="button" class="button small" onClick=${() => location.reload()}>${t("banner.reload")}</button>`;
  } else if (away && late) {
    body = html`<span>${t("banner.reconnecting")}</span>${phase === "backoff" && html`<button type="button" class="button small" onClick=${() => client.socket.nudge()}>${t("banner.now")}</button>`}`;
  }
  return html`<div class="banner-slot" role="status" aria-live="polite">${body && html`<div class=${`banner ${phase === "stopped" ? "stopped" : ""}`} data-testid="connection">${body}</div>`}</div>`;
}

/** Instead of the conversation once nobody is signed in: it is shown to nobody, and nobody writes into the void. */
export function SignedOut() {
  const card = useRef(/** @type {HTMLElement | null} */ (null));
  const { reason } = client.status.value;
  // Not on the button: whoever is in the middle of a word would press it.
  useLayoutEffect(() => card.current?.focus(), []);
  const title = reason === ACCOUNT_DISABLED ? "banner.disabled" : reason === SESSION_EXPIRED ? "banner.expired" : "banner.revoked";
  return html`<main class="room" id="main">
    <section class="card signed-out" role="alert" data-testid="connection" tabindex="-1" ref=${card}>
      <h1>${t(title)}</h1>
      ${client.keepsWords && html`<p>${t("banner.kept")}</p>`}
      <button type="button" class="button primary wide" onClick=${() => location.reload()}>${t("banner.sign-in")}</button>
    </section>
    ${client.keepsWords && html`<div class="composer"><div class="composer-row">
      <textarea id="composer-text" rows="1" disabled aria-label=${t("landmark.composer")}></textarea>
      <button type="button" class="send" disabled aria-label=${t("composer.send")}><${Icon} name="send" /></button>
    </div></div>`}
  </main>`;
}
