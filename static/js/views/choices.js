/** How this person wants this browser to be: kept here, not on the server, and the same in all its tabs. */

import { effect, signal } from "@preact/signals";
import { shelfGet, shelfSet } from "parley/lib/shelf.js";

/** @type {Map<string, (text: string | null) => void>} */
const told = new Map();

/**
 * @template {string} T
 * @param {string} name
 * @param {readonly T[]} values the first is what counts until one chooses
 */
function choice(name, values) {
  const key = `parley.choice.${name}`;
  const known = (/** @type {string | null} */ text) => values.find((one) => one === text) ?? values[0];
  const value = signal(known(shelfGet(key)));
  told.set(key, (text) => (value.value = known(text)));
  return {
    values,
    get value() {
      return value.value;
    },
    set value(next) {
      value.value = next;
      shelfSet(key, next === values[0] ? null : next);
    },
  };
}

/** How much stands on a screen. */
export const density = choice("density", ["cozy", "compact"]);

/** Which keys send a message; the other ones break the line. */
export const sendKeys = choice("send", ["enter", "mod-enter"]);

/** Whether the buttons for Markdown stand above the field. */
export const formatBar = choice("format", ["off", "on"]);

/** Whether single keys (J, K, R, …) do something while no field has the focus. */
export const singleKeys = choice("keys", ["on", "off"]);

/** Which messages the browser tells of while one looks elsewhere. */
export const notify = choice("notify", ["off", "mentions", "all"]);

/** Whether that can be heard. */
export const sound = choice("sound", ["off", "on"]);

const THEMES = /** @type {const} */ (["system", "light", "dark"]);
const shade = signal(THEMES.find((one) => one === document.documentElement.dataset.theme) ?? "system");
const THEME_KEY = "parley.choice.theme";
told.set(THEME_KEY, (text) => (shade.value = THEMES.find((one) => one === text) ?? "system"));

/** Light, dark, or as the system is: a cookie, because the server writes it into each page before its first paint. */
export const theme = {
  values: THEMES,
  get value() {
    return shade.value;
  },
  set value(next) {
    shade.value = next;
    document.cookie = `theme=${next}; path=/; max-age=31536000; samesite=lax`;
    // Only so that the other tabs hear of it.
    shelfSet(THEME_KEY, next);
  },
};

effect(() => {
  const { dataset } = document.documentElement;
  if (shade.value === "system") delete dataset.theme;
  else dataset.theme = shade.value;
});
effect(() => void (document.documentElement.dataset.density = density.value));
addEventListener("storage", ({ key, newValue }) => told.get(key ?? "")?.(newValue));
