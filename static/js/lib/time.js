/** Moments in the reader's language and zone. All times are milliseconds since 1970. */

import { languageTag, t } from "parley/lib/i18n.js";

const OWN = Intl.DateTimeFormat().resolvedOptions().timeZone;

let zone = OWN;

/** @type {Map<string, Intl.DateTimeFormat>} */
const formats = new Map();

/** No zone's midnight lies within a quarter of an hour, and formatting is slow: a long list asks for each. */
const QUARTER_MS = 900_000;
const DAYS_KEPT = 5000;

/** @type {Map<number, string>} */
const days = new Map();

/**
 * The zone a person chose; UTC is what nobody chose, so then the browser's own stays.
 * @param {string} name
 */
export function useZone(name) {
  formats.clear();
  days.clear();
  zone = OWN;
  if (!name || name === "UTC") return;
  try {
    zone = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
  } catch {
    // a zone this browser does not know: its own is the better answer
  }
}

/** The zone in which times are shown. */
export function zoneName() {
  return zone;
}

/** The zone this browser is in. */
export function browserZone() {
  return OWN;
}

/**
 * @param {string} name
 * @param {Intl.DateTimeFormatOptions} options
 */
function format(name, options) {
  const key = `${languageTag()} ${name}`;
  let made = formats.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(languageTag(), { timeZone: zone, ...options });
    formats.set(key, made);
  }
  return made;
}

/** @param {number} at */
export function clock(at) {
  return format("clock", { hour: "2-digit", minute: "2-digit", hourCycle: "h23" }).format(at);
}

/**
 * A time to come or just past, as short as it can be said.
 * @param {number} at
 * @param {number} [now]
 */
export function when(at, now = Date.now()) {
  if (day(at) === day(now)) return clock(at);
  const year = format("year", { year: "numeric" });
  const date = { month: /** @type {const} */ ("short"), day: /** @type {const} */ ("numeric") };
  const time = { hour: /** @type {const} */ ("2-digit"), minute: /** @type {const} */ ("2-digit"), hourCycle: /** @type {const} */ ("h23") };
  return year.format(at) === year.format(now)
    ? format("when", { ...date, ...time }).format(at)
    : format("when-year", { year: "numeric", ...date, ...time }).format(at);
}

/** @param {number} at */
export function date(at) {
  return format("long-date", { dateStyle: "long" }).format(at);
}

/** @param {number} at */
export function moment(at) {
  return format("moment", { dateStyle: "full", timeStyle: "medium" }).format(at);
}

/**
 * Which day, as YYYY-MM-DD: the same text for the same calendar day in the reader's zone.
 * @param {number} at
 */
export function day(at) {
  const quarter = Math.floor(at / QUARTER_MS);
  let made = days.get(quarter);
  if (made === undefined) {
    if (days.size > DAYS_KEPT) days.clear();
    made = dayOf(at);
    days.set(quarter, made);
  }
  return made;
}

/** @param {number} at */
function dayOf(at) {
  const parts = format("day", { year: "numeric", month: "2-digit", day: "2-digit" }).formatToParts(at);
  const part = (/** @type {string} */ type) => parts.find((one) => one.type === type)?.value ?? "";
  return `${part("year")}-${part("month")}-${part("day")}`;
}

/**
 * @param {number} at
 * @param {number} [now]
 */
export function dayName(at, now = Date.now()) {
  if (day(at) === day(now)) return t("day.today");
  if (day(at) === day(now - 86_400_000)) return t("day.yesterday");
  const year = format("year", { year: "numeric" });
  return year.format(at) === year.format(now)
    ? format("date", { weekday: "long", month: "long", day: "numeric" }).format(at)
    : format("date-year", { year: "numeric", month: "long", day: "numeric", weekday: "short" }).format(at);
}
