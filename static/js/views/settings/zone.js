/** The zone one's clock is in. Each browser knows hundreds; what they are called and how late it is there takes a while. */

import { html } from "htm/preact";
import { useEffect, useState } from "preact/hooks";
import { languageTag, t } from "parley/lib/i18n.js";
import { browserZone, clock, zoneName } from "parley/lib/time.js";
import { account } from "parley/views/settings/door.js";
import { Fault, SaveWord, useSaving } from "parley/views/settings/saving.js";
import { offset } from "parley/views/settings/spans.js";

/** What nobody chose: the browser's own counts. */
const NOBODYS = "UTC";
/** What somebody chose who wants that zone. */
const UTC = "Etc/UTC";
const AT_ONCE = 24;
const REGIONS = ["Africa", "America", "Antarctica", "Arctic", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/** @typedef {{ name: string, label: string, region: string, place: string, ahead: number }} Listed */

/** @type {Listed[]} */
let all = [];

/** @param {{ me: import("parley/store/shapes.js").Me }} props */
export function Zone({ me }) {
  const [, drawn] = useState(0);
  const [saving, run] = useSaving();
  const [wanted, setWanted] = useState("");
  useEffect(() => {
    let here = true;
    if (!all.length) listAll(() => here).then((list) => list && ((all = list), drawn((nth) => nth + 1)));
    return () => void (here = false);
  }, []);
  const value = wanted || me.time_zone || NOBODYS;
  const save = async (/** @type {string} */ time_zone) => {
    setWanted(time_zone);
    await run(() => account().change({ time_zone }));
    setWanted((now) => (now === time_zone ? "" : now));
  };
  const known = value === UTC || all.some(({ name }) => name === value);
  const regions = [...new Set(all.map(({ region }) => region))];
  const own = browserZone();
  const elsewhere = value !== NOBODYS && value !== own && offset(Date.now(), value) !== offset(Date.now(), own);
  return html`<div class="field">
    <div class="label-line"><label for="set-zone">${t("settings.zone.field")}</label><${SaveWord} state=${saving} /></div>
    <select id="set-zone" value=${value} aria-invalid=${saving.phase === "failed" ? "true" : undefined} aria-describedby="set-zone-now" onChange=${(/** @type {Event} */ event) => save(/** @type {HTMLSelectElement} */ (event.currentTarget).value)}>
      <option value=${NOBODYS}>${t("settings.zone.browser", { zone: own })}</option>
      <option value=${UTC}>UTC</option>
      ${value !== NOBODYS && !known && html`<option value=${value}>${value}</option>`}
      ${regions.map((region) => html`<optgroup key=${region} label=${region}>${all.filter((one) => one.region === region).map(({ name, label }) => html`<option key=${name} value=${name}>${label}</option>`)}</optgroup>`)}
    </select>
    <p class="help" id="set-zone-now">${t("settings.zone.now", { time: clock(Date.now()), zone: zoneName() })}</p>
    ${elsewhere && html`<p class="help zone-other">${t("settings.zone.other", { zone: own })} <button type="button" class="button small" onClick=${() => save(own)}>${t("settings.zone.use")}</button></p>`}
    <${Fault} id="set-zone-fault" text=${saving.fields.time_zone ?? saving.error} />
  </div>`;
}

/**
 * In small portions, so that nothing stutters meanwhile.
 * @param {() => boolean} here
 * @returns {Promise<Listed[] | null>}
 */
async function listAll(here) {
  const now = Date.now();
  /** @type {Listed[]} */
  const list = [];
  const names = Intl.supportedValuesOf("timeZone").filter((name) => name.includes("/") && !name.startsWith("Etc/"));
  for (let start = 0; start < names.length; start += AT_ONCE) {
    await new Promise((resolve) => setTimeout(resolve));
    if (!here()) return null;
    for (const name of names.slice(start, start + AT_ONCE)) list.push(described(name, now));
  }
  const collator = new Intl.Collator(languageTag());
  return list.sort((a, b) => collator.compare(a.region, b.region) || a.ahead - b.ahead || collator.compare(a.place, b.place));
}

/**
 * @param {string} name
 * @param {number} now
 * @returns {Listed}
 */
function described(name, now) {
  const [area, ...rest] = name.split("/");
  const city = rest.join(" · ").replaceAll("_", " ");
  const ahead = offset(now, name);
  // In other languages than English the browser may know a name for the place; its id is in English.
  const called = languageTag() === "en" ? "" : nameOf(name, now);
  const place = called ? `${called} · ${city}` : city;
  const region = REGIONS.includes(area) ? t(`settings.region.${area.toLowerCase()}`) : area;
  return { name, ahead, place, label: `${place} (${written(ahead)})`, region };
}

/**
 * @param {string} name
 * @param {number} now
 */
function nameOf(name, now) {
  const parts = new Intl.DateTimeFormat(languageTag(), { timeZone: name, timeZoneName: "shortGeneric" }).formatToParts(now);
  const called = parts.find(({ type }) => type === "timeZoneName")?.value ?? "";
  return /^(GMT|UTC)/.test(called) ? "" : called;
}

/** @param {number} ahead in milliseconds */
function written(ahead) {
  const minutes = Math.round(Math.abs(ahead) / 60_000);
  const pad = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `UTC${ahead < 0 ? "−" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}
