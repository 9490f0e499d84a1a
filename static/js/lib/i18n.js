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
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? number.format(value) : value;
  });
}

/**
 * A list of names as a sentence has it: "a, b and c" / "a、b和c".
 * @param {string[]} names
 */
export function listOf(names) {
  return new Intl.ListFormat(tag, { type: "conjunction" }).format(names);
}
