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

/**
 * How long ago, or until when: in the largest unit that is not empty.
 * @param {number} at
 * @param {number} [now]
 */
export function distance(at, now = Date.now()) {
  const gap = at - now;
  const size = Math.abs(gap);
  const format = new Intl.RelativeTimeFormat(languageTag(), { numeric: "auto" });
  // A minute is the finest that anybody asks for; a server's clock may be a little ahead.
  if (size < MINUTE) return t("settings.now");
  if (size < HOUR) return format.format(Math.trunc(gap / MINUTE), "minute");
  if (size < DAY) return format.format(Math.trunc(gap / HOUR), "hour");
  if (size < 60 * DAY) return format.format(Math.trunc(gap / DAY), "day");
  return format.format(Math.trunc(gap / (30 * DAY)), "month");
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
