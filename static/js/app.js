/** The beginning: words, what is kept on disk, the client, the frame. */

import { computed, effect } from "@preact/signals";
import { html } from "htm/preact";
import { render } from "preact";
import { useLanguage } from "parley/lib/i18n.js";
import { watchCompositions } from "parley/lib/ime.js";
import { useZone } from "parley/lib/time.js";
import { Client } from "parley/store/client.js";
import { restore } from "parley/store/disk.js";
import "parley/views/choices.js";
import { provide } from "parley/views/client.js";

const root = /** @type {HTMLElement} */ (document.getElementById("app"));
const boot = JSON.parse(document.getElementById("bootstrap")?.textContent ?? "{}");

const [{ default: words }, state] = await Promise.all([
  import(`parley/locale/${boot.language}.js`),
  restore(boot.me, boot.version),
]);
useLanguage(document.documentElement.lang, words);
useZone(boot.me.time_zone);
watchCompositions(document);

const scheme = location.protocol === "https:" ? "wss" : "ws";
const client = new Client({
  state,
  version: boot.version,
  csrf: root.dataset.csrf ?? "",
  url: `${scheme}://${location.host}/ws/`,
});
provide(client);
const { Frame } = await import("parley/views/frame.js");
client.start();
root.replaceChildren();
// The clock of a person who chooses another zone on another device goes with her.
const zone = computed(() => client.state.value.me?.time_zone ?? "");
effect(() => useZone(zone.value));
render(html`<${Frame} site=${boot.site} languages=${boot.languages} language=${boot.language} staff=${boot.staff} />`, root);
import("parley/views/notifier.js").then(({ startNotifier }) => startNotifier());
