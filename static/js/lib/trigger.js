/**
 * Whether what stands before the caret asks for suggestions: `@` for people, `#` for rooms, `:` for emoji, `/` for
 * commands, in half or full width. A sign counts after a space, punctuation or a character of a script that puts no
 * spaces between words; never after a Latin letter or a digit (mail@example, 10:30), as the server sees it.
 */

/**
 * `end` is the caret, `query` what stands between the sign and it. `loose`: the sign may well be plain punctuation, as
 * in 地址：北京, so nothing is chosen before the person says so.
 * @typedef {{ sign: "@" | "#" | ":" | "/", start: number, end: number, query: string, loose: boolean }} Trigger
 */

/** @type {Record<string, Trigger["sign"]>} */
const SIGNS = { "@": "@", "＠": "@", "#": "#", "＃": "#", ":": ":", "：": ":", "/": "/" };
const LONGEST = 40;
const UNSPACED = /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}]/u;
const LETTER = /[\p{L}\p{M}\p{N}]/u;
/** What a handle, a room's name, an emoji's or a command's may hold. @type {Record<Trigger["sign"], RegExp>} */
const INSIDE = { "@": /[\p{L}\p{M}\p{Nd}_.-]/u, "#": /[\p{L}\p{M}\p{Nd}_.-]/u, ":": /[\p{L}\p{M}\p{Nd}_+-]/u, "/": /[\p{L}]/u };
/** A sign right after one of these is none: @@, //, ::, /@scope/name, C:# … */
const NOT_AFTER = { "@": "@＠/", "#": "#＃&/", ":": ":：", "/": "" };

/**
 * @param {string} text
 * @param {number} caret in UTF-16 units
 * @returns {Trigger | null}
 */
export function triggerAt(text, caret) {
  const follows = signAfter(text, caret);
  if (follows && LETTER.test(follows) && !UNSPACED.test(follows)) return null;
  let at = caret;
  for (let length = 0; length <= LONGEST && at > 0; length += 1) {
    const char = signBefore(text, at);
    at -= char.length;
    const sign = SIGNS[char];
    if (sign) return judged(text, sign, at, caret);
    if (!INSIDE["@"].test(char) && char !== "+") return null;
  }
  return null;
}

/**
 * The emoji's name that the colon before the caret closes, as in :tada:, with both its colons.
 * @param {string} text
 * @param {number} caret in UTF-16 units
 * @returns {Trigger | null}
 */
export function closedAt(text, caret) {
  if (text[caret - 1] !== ":") return null;
  const trigger = triggerAt(text, caret - 1);
  // After 汉字 it may be 比分:100:99.
  return trigger?.query && text[trigger.start] === ":" && !trigger.loose ? { ...trigger, end: caret } : null;
}

/**
 * @param {string} text
 * @param {Trigger["sign"]} sign
 * @param {number} start
 * @param {number} end
 * @returns {Trigger | null}
 */
function judged(text, sign, start, end) {
  const query = text.slice(start + 1, end);
  for (const char of query) if (!INSIDE[sign].test(char)) return null;
  if (sign === "/") return start === 0 ? { sign, start, end, query, loose: false } : null;
  let at = start;
  while (text[at - 1] === "_") at -= 1;
  const before = signBefore(text, at);
  if (before && NOT_AFTER[sign].includes(before)) return null;
  const unspaced = UNSPACED.test(before) && LETTER.test(before);
  if (before && !unspaced && LETTER.test(before)) return null;
  if (inCode(text.slice(0, start))) return null;
  const wide = text[start] === "：" && before.trim() !== "";
  return { sign, start, end, query, loose: sign !== "@" && (unspaced || wide) };
}

/**
 * Whether the text ends within code: there a sign is a sign.
 * @param {string} text
 */
function inCode(text) {
  if (!text.includes("`")) return false;
  const fences = text.match(/^ {0,3}```/gm)?.length ?? 0;
  if (fences % 2) return true;
  const line = text.slice(text.lastIndexOf("\n") + 1);
  return ((line.match(/`+/g)?.length ?? 0) % 2) === 1;
}

/**
 * @param {string} text
 * @param {number} at
 */
function signBefore(text, at) {
  const low = text.charCodeAt(at - 1);
  return low >= 0xdc00 && low <= 0xdfff ? text.slice(Math.max(0, at - 2), at) : text.slice(Math.max(0, at - 1), at);
}

/**
 * @param {string} text
 * @param {number} at
 */
function signAfter(text, at) {
  const point = text.codePointAt(at);
  return point === undefined ? "" : String.fromCodePoint(point);
}
