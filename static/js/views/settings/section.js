/** What every tab is made of: parts with a title and a sentence. */

import { html } from "htm/preact";

/** @param {{ title: string, id: string, lead?: any, aside?: any, children?: any }} props */
export function Section({ title, id, lead, aside, children }) {
  return html`<section class="settings-part" aria-labelledby=${id}>
    <div class="settings-part-head"><h3 id=${id}>${title}</h3>${aside}</div>
    ${lead && html`<p class="help">${lead}</p>`}
    ${children}
  </section>`;
}

/**
 * One of several, each with a word about it.
 * @template {string} T
 * @param {{ legend: string, name: string, value: T, options: { value: T, label: string, hint?: string, lang?: string }[],
 *   choose: (value: T) => void, tiles?: boolean, disabled?: boolean }} props
 */
export function Radios({ legend, name, value, options, choose, tiles = false, disabled = false }) {
  return html`<fieldset class=${tiles ? "kinds tiles" : "kinds"}><legend class="visually-hidden">${legend}</legend>
    ${options.map((option) => html`<label key=${option.value} class="kind" data-value=${option.value} lang=${option.lang}>
      <input type="radio" name=${name} value=${option.value} checked=${option.value === value} disabled=${disabled} onChange=${() => choose(option.value)} />
      <span><strong>${option.label}</strong>${option.hint && html`<span class="help">${option.hint}</span>`}</span></label>`)}
  </fieldset>`;
}
