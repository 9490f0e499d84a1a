/** One's own corner: where one is, how one is seen, and the menu with everything that is about oneself. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { Avatar, PresenceDot, presenceOf } from "parley/views/avatar.js";
import { client } from "parley/views/client.js";
import { toast } from "parley/views/derived.js";
import { Icon } from "parley/views/icons.js";
import { statusOf } from "parley/views/person.js";
import { route } from "parley/views/route.js";

/** @param {{ site: string, languages: [string, string][], language: string, staff: boolean }} props */
export function Menu({ site, languages, language, staff }) {
  const { me } = client.state.value;
  if (!me) return null;
  const status = statusOf({ ...me, status_until: me.status_until ?? undefined });
  const open = (/** @type {Event} */ event) => {
    const anchor = /** @type {HTMLElement} */ (event.currentTarget);
    import("parley/views/memenu.js").then(
      (module) => module.openMyMenu(anchor, { languages, language, staff }),
      () => toast(t("error.disconnected")),
    );
  };
  const more = [t(`presence.${presenceOf(me.id)}`), status, t("menu.label")].filter(Boolean).join(t("comma"));
  return html`${route.value.view === "list" && html`<h1 class="visually-hidden">${site}</h1>`}
    <button type="button" class="me-button" aria-haspopup="menu" aria-expanded="false" title=${t("menu.label")} onClick=${open}>
      <span class="room-face" aria-hidden="true"><${Avatar} id=${me.id} name=${me.name} /><${PresenceDot} user=${me.id} /></span>
      <span class="me-name"><span class="site-name" dir="auto">${site}</span><span class="me-status" dir="auto">${me.name}${status && html`<span aria-hidden="true"> · ${status}</span>`}</span></span>
      <span class="visually-hidden">${t("comma")}${more}</span>
      <${Icon} name="fold" />
    </button>`;
}
