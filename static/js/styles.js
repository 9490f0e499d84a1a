/** `/_styles/`: every component in every state, light beside dark. Only with DEBUG; nothing here talks to a server. */

import { html } from "htm/preact";
import { render } from "preact";
import { useLanguage } from "parley/lib/i18n.js";
import { useZone } from "parley/lib/time.js";
import { makeClient } from "parley/styles/cast.js";
import { provide } from "parley/views/client.js";

const boot = JSON.parse(document.getElementById("bootstrap")?.textContent ?? "{}");
const { default: words } = await import(`parley/locale/${boot.language}.js`);
useLanguage(document.documentElement.lang, words);
useZone("Europe/Prague");
provide(makeClient());
// Only now: views take the one client when they are read.
const { Styles } = await import("parley/styles/page.js");
document.documentElement.dataset.density = boot.density;
render(html`<${Styles} language=${boot.language} languages=${boot.languages} density=${boot.density} />`, /** @type {HTMLElement} */ (document.getElementById("styles")));
