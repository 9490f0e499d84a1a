/** Text as people count it. */

/**
 * Length in code points, as the server counts it.
 * @param {string} text
 */
export function codePoints(text) {
  let count = 0;
  for (const _ of text) count += 1;
  return count;
}

/**
 * One or two signs that stand for a name where a picture would be.
 * @param {string} name
 */
export function initials(name) {
  const words = name.trim().split(/\s+/).filter(Boolean);
  if (!words.length) return "?";
  const first = [...words[0]];
  if (/\p{Script=Han}/u.test(first[0])) return first.slice(-2).join("");
  const last = words.length > 1 ? [...words[words.length - 1]][0] : "";
  return (first[0] + last).toUpperCase();
}

/**
 * A small number that is always the same for the same text.
 * @param {string} text
 * @param {number} size
 */
export function bucket(text, size) {
  let sum = 0;
  for (const sign of text) sum = (sum * 31 + (sign.codePointAt(0) ?? 0)) >>> 0;
  return sum % size;
}

/**
 * The beginning of a text, on one line.
 * @param {string} text
 * @param {number} [limit]
 */
export function excerpt(text, limit = 140) {
  const line = text.replace(/\s+/g, " ").trim();
  const signs = [...line];
  return signs.length > limit ? `${signs.slice(0, limit).join("")}…` : line;
}
