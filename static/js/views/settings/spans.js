/** Moments ahead of us and behind us, as the settings name them. Pure. */

import { languageTag, t } from "parley/lib/i18n.js";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** When a status goes by itself. */
export const UNTIL = /** @type {const} */ (["never", "half-hour", "hour", "four-hours", "today", "week"]);

/** @typedef {typeof UNTIL[number]} Until */

/**
 * The end of the day and of the week (Sunday's) is midnight where the person is.
 * @param {Until} choice
 * @param {number} now
 * @param {string} zone
 * @returns {number | null}
 */
export function momentOf(choice, now, zone) {
  if (choice === "never") return null;
  if (choice === "half-hour") return now + 30 * MINUTE;
  if (choice === "hour") return now + HOUR;
  if (choice === "four-hours") return now + 4 * HOUR;
  const { year, month, day, weekday } = calendar(now, zone);
  return midnight(year, month, day + (choice === "today" ? 1 : 8 - weekday), zone);
}

/** Each unit with the most of it that is still said in it. @type {readonly [Intl.RelativeTimeFormatUnit, number, number][]} */
const UNITS = [["minute", MINUTE, 59], ["hour", HOUR, 23], ["day", DAY, 59], ["month", 30 * DAY, 11], ["year", 365 * DAY, Infinity]];

/**
 * How long ago, or until when: rounded, in the largest unit that says it well. Seven days less a moment are seven days.
 * @param {number} at
 * @param {number} [now]
 */
export function distance(at, now = Date.now()) {
  const gap = at - now;
  // A minute is the finest that anybody asks for; a server's clock may be a little ahead.
  if (Math.abs(gap) < MINUTE) return t("settings.now");
  const [unit, size] = UNITS.find(([, size, most]) => Math.round(Math.abs(gap) / size) <= most) ?? UNITS[UNITS.length - 1];
  // "Tomorrow" says as much as "in 1 day"; "next year" says less than "in 1 year".
  const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: unit === "year" ? "always" : "auto" });
  return format.format(Math.round(gap / size), unit);
}

/**
 * @param {number} at
 * @param {string} zone
 */
function calendar(at, zone) {
  const format = new Intl.DateTimeFormat("en", { timeZone: zone, year: "numeric", month: "numeric", day: "numeric", weekday: "short" });
  const parts = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, value]));
  const weekday = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(parts.weekday) + 1;
  return { year: Number(parts.year), month: Number(parts.month), day: Number(parts.day), weekday };
}

/**
 * @param {number} year
 * @param {number} month 1 to 12
 * @param {number} day may be beyond the month's last
 * @param {string} zone
 */
function midnight(year, month, day, zone) {
  const there = Date.UTC(year, month - 1, day);
  // The offset may be another one there than here, on the days when clocks are changed.
  const guess = there - offset(there, zone);
  return there - offset(guess, zone);
}

/**
 * How far a zone is ahead of UTC at a moment, in milliseconds.
 * @param {number} at
 * @param {string} zone
 */
export function offset(at, zone) {
  const format = new Intl.DateTimeFormat("en", {
    timeZone: zone, hourCycle: "h23", year: "numeric", month: "numeric", day: "numeric", hour: "numeric", minute: "numeric", second: "numeric",
  });
  const { year, month, day, hour, minute, second } = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
}
