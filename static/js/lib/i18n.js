/** Words in the reader's language. Each language is one flat catalogue in `locale/`; both have the same keys. */

/** @typedef {string | Partial<Record<Intl.LDMLPluralRule, string>>} Entry */

/** @type {Record<string, Entry>} */
let catalogue = {};
let tag = "en";
let plural = new Intl.PluralRules("en");
let number = new Intl.NumberFormat("en");

/**
 * @param {string} language a BCP 47 tag
 * @param {Record<string, Entry>} entries
 */
export function useLanguage(language, entries) {
  tag = language;
  catalogue = entries;
  plural = new Intl.PluralRules(language);
  number = new Intl.NumberFormat(language);
}

export function languageTag() {
  return tag;
}

/**
 * The text for a key; `{name}` stands for a parameter, `count` chooses the plural form.
 * @param {string} key
 * @param {Record<string, string | number>} [values]
 * @returns {string}
 */
export function t(key, values = {}) {
  const entry = catalogue[key];
  if (entry === undefined) return key;
  const text = typeof entry === "string" ? entry : (entry[plural.select(Number(values.count))] ?? entry.other ?? key);
  // Every other part is a parameter's name.
  return text.split(/\{(\w+)\}/).reduce((said, part, nth) => {
    if (nth % 2 === 0) return spaced(said, part);
    const value = values[part];
    return spaced(said, value === undefined ? `{${part}}` : typeof value === "number" ? number.format(value) : String(value));
  }, "");
}

const HAN_THEN_LATIN = /^\p{Script=Han}[\p{Script=Latin}\p{Nd}]$/u;
const LATIN_THEN_HAN = /^[\p{Script=Latin}\p{Nd}]\p{Script=Han}$/u;

/**
 * Side by side, with the space that Chinese has between its own characters and Latin letters or digits: whether a name
 * needs it, only the name tells.
 * @param {string} left
 * @param {string} right
 */
function spaced(left, right) {
  const border = (left.match(/.$/su)?.[0] ?? "") + (right.match(/^./su)?.[0] ?? "");
  return HAN_THEN_LATIN.test(border) || LATIN_THEN_HAN.test(border) ? `${left} ${right}` : left + right;
}

/**
 * A list of names as a sentence has it: "a, b and c" / "a、b和c".
 * @param {string[]} names
 */
export function listOf(names) {
  return new Intl.ListFormat(tag, { type: "conjunction" }).format(names);
}
