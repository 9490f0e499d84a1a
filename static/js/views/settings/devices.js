/** Where one is signed in: each can be ended, and what begins or ends elsewhere is seen at once. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { moment } from "parley/lib/time.js";
import { client } from "parley/views/client.js";
import { toast } from "parley/views/derived.js";
import { ask } from "parley/views/settings/asking.js";
import { account } from "parley/views/settings/door.js";
import { useResource, Waiting } from "parley/views/settings/resource.js";
import { Sign } from "parley/views/settings/signs.js";
import { distance } from "parley/views/settings/spans.js";

/** @typedef {import("parley/net/account.js").Device} Device */

/** @type {Record<string, import("parley/views/settings/signs.js").SignName>} */
const SIGNS = { browser: "browser", token: "token", api: "tokens" };

export function DevicesTab() {
  const { value, error, reload, set } = useResource(() => account().devices(), client.devicesAt.value);
  if (!value) return html`<${Waiting} error=${error} reload=${reload} />`;
  const { current, devices } = value;
  const live = devices.filter((device) => !device.ended);
  const own = live.filter((device) => device.id === current);
  const others = live.filter((device) => device.id !== current);
  const end = (/** @type {Device} */ device) =>
    ask({
      title: t("settings.devices.end.title", { name: nameOf(device) }),
      body: t(device.kind === "api" ? "settings.devices.end.api" : "settings.devices.end.body"),
      action: t("settings.devices.end"),
      run: async () => {
        await account().endDevice(device.id);
        set((now) => ({ ...now, devices: now.devices.filter((one) => one.id !== device.id) }));
        toast(t("settings.devices.ended", { name: nameOf(device) }));
      },
    });
  const endAll = () =>
    ask({
      title: t("settings.devices.all.title"),
      body: t("settings.devices.all.body"),
      action: t("settings.devices.all"),
      run: async () => {
        const { ended } = await account().endOtherDevices();
        set((now) => ({ ...now, devices: now.devices.filter((one) => one.id === current) }));
        toast(t("settings.devices.all.done", { count: ended }));
      },
    });
  return html`<p class="help">${t("settings.devices.lead")}</p>
    ${error && html`<${Waiting} error=${error} reload=${reload} />`}
    <ul class="rows" data-testid="devices">${[...own, ...others].map((device) => html`<li key=${device.id} class="row" data-device=${device.id} data-kind=${device.kind}>
      <${Sign} name=${SIGNS[device.kind] ?? "token"} />
      <div class="row-main">
        <p class="row-title"><strong dir="auto">${nameOf(device)}</strong>${device.id === current && html`<span class="chip on">${t("settings.devices.this")}</span>`}</p>
        <p class="help">${t(`settings.devices.kind.${device.kind}`)} · <span title=${moment(device.created_at)}>${t("settings.devices.since", { time: distance(device.created_at) })}</span> · ${device.id === current
          ? t("settings.devices.now")
          : html`<span title=${moment(device.last_seen_at)}>${t("settings.devices.seen", { time: distance(device.last_seen_at) })}</span>`}</p>
      </div>
      ${device.id !== current && html`<button type="button" class="button small" aria-label=${t("settings.of", { action: t("settings.devices.end"), name: nameOf(device) })} onClick=${() => end(device)}>${t("settings.devices.end")}</button>`}
    </li>`)}</ul>
    ${others.length > 0
      ? html`<div class="actions start"><button type="button" class="button" onClick=${endAll}>${t("settings.devices.all")}</button></div>`
      : html`<p class="help" role="status">${t("settings.devices.alone")}</p>`}`;
}

/** @param {Device} device */
function nameOf({ label, kind }) {
  return label || t(`settings.devices.nameless.${kind}`);
}
