/** Emoji by their English and Chinese names, as :tada:, ：庆祝 or by pinyin. Read when somebody first looks for one. */

import { html } from "htm/preact";
import { languageTag } from "parley/lib/i18n.js";
import { loadReadings, matches } from "parley/lib/pinyin.js";

/** @typedef {import("parley/views/suggest.js").Option} Option */
/** @typedef {{ hexcode: string, unicode: string, label: string, tags?: string[], order?: number, group?: number }} Listed */
/** `names`: what it may be called, the best first. @typedef {{ sign: string, code: string, codes: string[], en: string, zh: string, names: string[] }} Emoji */

const MOST = 24;
/** Parts that faces and hands are made of: nobody writes one alone. */
const COMPONENTS = 2;
/** What people mean most often comes first among equals. */
const COMMON = "👍🎉😂❤😄😅👏🙏😊🤔👀🔥💯✅❌🚀😍😭🥳💪🙌👌🤝👋😀😉😎🤣😢😱🙂🤷🤦✨⭐☕🍻🎂🌹💐🐛💡⚠📌📎📅👎";
const HAN = /\p{Script=Han}/u;

/** @type {Emoji[] | null} */
let all = null;
/** @type {Promise<void> | null} */
let loading = null;

/** @returns {Promise<void>} */
export function load() {
  loadReadings().catch(() => {});
  loading ??= read().catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

export function isLoaded() {
  return all !== null;
}

async function read() {
  const [en, zh, github] = await Promise.all(["emojibase/en", "emojibase/zh", "emojibase/github"].map(list));
  all = arrange(en, zh, github);
}

/** @param {string} name as the import map has it */
async function list(name) {
  const answer = await fetch(import.meta.resolve(name));
  if (!answer.ok) throw new Error(name);
  return answer.json();
}

/**
 * @param {Listed[]} en
 * @param {Listed[]} zh
 * @param {Record<string, string | string[]>} github
 * @returns {Emoji[]}
 */
export function arrange(en, zh, github) {
  const chinese = new Map(zh.map((one) => [one.hexcode, one]));
  return en
    .filter((one) => one.order !== undefined && one.group !== COMPONENTS)
    .sort((a, b) => rare(a) - rare(b) || (a.order ?? 0) - (b.order ?? 0))
    .map(({ hexcode, unicode, label, tags = [] }) => {
      const other = chinese.get(hexcode);
      const code = label.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, "_").replace(/^_|_$/g, "");
      const codes = [github[hexcode] ?? []].flat();
      return {
        sign: unicode,
        code: codes[0] ?? code,
        codes: [...codes, code],
        en: label,
        zh: other?.label ?? label,
        names: [...tags, ...(other?.tags ?? [])].map((tag) => tag.toLowerCase()),
      };
    });
}

/** @param {Listed} emoji */
function rare({ unicode }) {
  return COMMON.includes(unicode.replace("\ufe0f", "")) ? 0 : 1;
}

/**
 * @param {Emoji} emoji
 * @param {string} query in lower case
 * @param {boolean} han
 * @returns {number} 9: not this one
 */
function rankOf({ codes, zh, names }, query, han) {
  if (han) {
    if (zh === query || names.includes(query)) return 0;
    if (zh.startsWith(query) || names.some((name) => name.startsWith(query))) return 2;
    return zh.includes(query) ? 3 : 9;
  }
  let best = 9;
  for (const code of codes) {
    if (code === query) return 0;
    if (code.startsWith(query)) best = Math.min(best, 1);
    else if (code.includes(`_${query}`)) best = Math.min(best, 3);
  }
  if (best > 2 && names.includes(query)) best = 2;
  return best === 9 && names.some((name) => name.startsWith(query)) ? 4 : best;
}

/**
 * @param {string} code such as tada
 * @returns {string} the emoji, "" if none is called so
 */
export function signOf(code) {
  return all?.find(({ codes }) => codes.includes(code.toLowerCase()))?.sign ?? "";
}

/**
 * @param {string} query
 * @param {Emoji[]} [emoji]
 * @returns {Option[]}
 */
export function findEmoji(query, emoji = all ?? []) {
  const wanted = query.toLowerCase();
  const han = HAN.test(wanted);
  if (!han && wanted.length < 2) return [];
  /** @type {Emoji[][]} */
  const found = [[], [], [], [], [], []];
  for (const one of emoji) found[rankOf(one, wanted, han)]?.push(one);
  let best = found.flat();
  if (!han && best.length < MOST) {
    const known = new Set(best);
    best = [...best, ...emoji.filter((one) => !known.has(one) && (matches(one.zh, wanted)?.rank ?? 9) === 3)];
  }
  const chinese = languageTag().startsWith("zh");
  return best.slice(0, MOST).map((one) => ({
    key: `emoji ${one.sign}`,
    insert: one.sign,
    body: () => html`<span class="suggest-sign emoji">${one.sign}</span><span class="suggest-name">${chinese ? one.zh : one.en}</span><span class="handle">:${one.code}:</span>`,
  }));
}
