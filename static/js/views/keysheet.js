/** Which keys do what: the table of keys.js, as the person has it. */

import { html } from "htm/preact";
import { t } from "parley/lib/i18n.js";
import { singleKeys } from "parley/views/choices.js";
import { dialog } from "parley/views/derived.js";
import { KEYS, keysOf, signsOf } from "parley/views/keys.js";
import { follow } from "parley/views/route.js";

const COLUMNS = /** @type {const} */ ([["go", "messages"], ["write"]]);

export function Body() {
  const off = singleKeys.value === "off";
  const settings = (/** @type {MouseEvent} */ event) => {
    dialog.value = null;
    follow(event, "/settings/keys/");
  };
  return html`<div class="sheet">${COLUMNS.map((groups) => html`<div class="sheet-column">${groups.map((group) => html`<section aria-labelledby=${`sheet-${group}`}>
      <h3 id=${`sheet-${group}`}>${t(`sheet.group.${group}`)}</h3>
      <dl>${KEYS.filter((key) => key.group === group).map((key) => html`<div key=${key.id} class=${off && key.single ? "sheet-row off" : "sheet-row"} data-key=${key.id}>
        <dt>${t(`sheet.do.${key.id}`)}${key.chosen?.() && html`<span class="chip">${t("sheet.chosen")}</span>`}${off && key.single && html`<span class="visually-hidden"> (${t("sheet.off")})</span>`}</dt>
        <dd>${keysOf(key).map((combination, index) => html`${index > 0 && html`<span class="sheet-or">${t("sheet.or")}</span>`}<${Combination} of=${combination} />`)}</dd>
      </div>`)}</dl>
      ${group === "messages" && html`<p class="help">${t(off ? "sheet.singles.off" : "sheet.singles.on")}</p>`}
    </section>`)}</div>`)}</div>
    <p class="help sheet-foot"><a href="/settings/keys/" onClick=${settings}>${t("sheet.settings")}</a></p>`;
}

/** @param {{ of: string }} props */
function Combination({ of }) {
  return html`<span class="combination">${signsOf(of).map((sign, index) => html`${index > 0 && html`<span class="visually-hidden"> + </span>`}<kbd>${sign}</kbd>`)}</span>`;
}
