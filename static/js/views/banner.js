/** What stands between the person and the server; silent for the first two seconds, because most gaps are shorter. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "parley/lib/i18n.js";
import { ACCOUNT_DISABLED, REPLACED, SESSION_EXPIRED, SESSION_REVOKED } from "parley/net/socket.js";
import { client } from "parley/views/client.js";

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
  } else if (phase === "stopped" && reason === SESSION_EXPIRED) {
    body = html`<span>${t("banner.expired")}</span><button type="button" class="button small primary" onClick=${() => location.reload()}>${t("banner.sign-in")}</button>`;
  } else if (phase === "stopped") {
    body = html`<span>${t(reason === ACCOUNT_DISABLED ? "banner.disabled" : reason === SESSION_REVOKED ? "banner.revoked" : "banner.stopped")}</span><button type="button" class="button small" onClick=${() => location.reload()}>${t("banner.reload")}</button>`;
  } else if (away && late) {
    body = html`<span>${t("banner.reconnecting")}</span>${phase === "backoff" && html`<button type="button" class="button small" onClick=${() => client.socket.nudge()}>${t("banner.now")}</button>`}`;
  }
  return html`<div class="banner-slot" role="status" aria-live="polite">${body && html`<div class=${`banner ${phase === "stopped" ? "stopped" : ""}`} data-testid="connection">${body}</div>`}</div>`;
}
