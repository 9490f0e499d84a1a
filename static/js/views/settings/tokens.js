/** Tokens for programs: one's own. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { TokenList } from "parley/views/settings/token_list.js";

/** @param {{ me: import("parley/store/shapes.js").Me }} props */
export function TokensTab({ me }) {
  return html`<p class="help">${t("settings.tokens.lead")} <a href="/api/docs/">${t("settings.tokens.docs")}</a></p>
    <${TokenList} bot=${null} administers=${["owner", "admin"].includes(me.role)} />`;
}
