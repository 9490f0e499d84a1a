/** Markdown by keys and buttons, for who does not know it by heart. Each can be taken back by the same key, and undone. */

import { insert } from "parley/views/insert.js";

/** @typedef {"bold" | "italic" | "strike" | "code" | "list" | "quote" | "link"} Format */

/** @type {Partial<Record<Format, string>>} */
const MARKS = { bold: "**", italic: "*", strike: "~~", code: "`" };
/** @type {Partial<Record<Format, string>>} */
const BEGINNINGS = { list: "- ", quote: "> " };
const ADDRESS = /^https?:\/\/\S+$/;

/**
 * @param {HTMLTextAreaElement} field
 * @param {Format} format
 */
export function apply(field, format) {
  const mark = MARKS[format];
  const beginning = BEGINNINGS[format];
  if (beginning) begin(field, beginning);
  else if (format === "link") link(field);
  else if (format === "code" && chosen(field).includes("\n")) fence(field);
  else if (mark) wrap(field, mark);
}

/**
 * The chosen words become a link.
 * @param {HTMLTextAreaElement} field
 * @param {string} address
 */
export function linkOver(field, address) {
  const { selectionStart: start, selectionEnd: end } = field;
  insert(field, start, end, `[${chosen(field)}](${/[()<>]/.test(address) ? `<${address.replace(/[<>]/g, encodeURIComponent)}>` : address})`);
}

/** @param {HTMLTextAreaElement} field */
function chosen({ value, selectionStart, selectionEnd }) {
  return value.slice(selectionStart, selectionEnd);
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {string} mark
 */
function wrap(field, mark) {
  let { selectionStart: start, selectionEnd: end } = field;
  const { value } = field;
  const { length } = mark;
  // Spaces at the ends stay outside, or the mark means nothing.
  while (start < end && /\s/.test(value[start])) start += 1;
  while (end > start && /\s/.test(value[end - 1])) end -= 1;
  const words = value.slice(start, end);
  // One * is not the end of two.
  const around = (/** @type {number} */ from, /** @type {number} */ to) =>
    value.slice(from - length, from) === mark && value.slice(to, to + length) === mark && (length > 1 || (value[from - 2] !== mark && value[to + 1] !== mark));
  if (around(start, end)) {
    insert(field, start - length, end + length, words);
    field.setSelectionRange(start - length, end - length);
  } else {
    insert(field, start, end, mark + words + mark);
    field.setSelectionRange(start + length, end + length);
  }
}

/** @param {HTMLTextAreaElement} field */
function fence(field) {
  const { selectionStart: start, selectionEnd: end, value } = field;
  const before = start > 0 && value[start - 1] !== "\n" ? "\n" : "";
  const after = end < value.length && value[end] !== "\n" ? "\n" : "";
  const words = chosen(field).replace(/\n$/, "");
  insert(field, start, end, `${before}\`\`\`\n${words}\n\`\`\`${after}`);
  field.setSelectionRange(start + before.length + 4, start + before.length + 4 + words.length);
}

/**
 * @param {HTMLTextAreaElement} field
 * @param {string} beginning of each line
 */
function begin(field, beginning) {
  const { value } = field;
  const start = value.lastIndexOf("\n", field.selectionStart - 1) + 1;
  const next = value.indexOf("\n", field.selectionEnd);
  const end = next < 0 ? value.length : next;
  const lines = value.slice(start, end).split("\n");
  const all = lines.every((line) => line.startsWith(beginning));
  const text = lines.map((line) => (all ? line.slice(beginning.length) : beginning + line)).join("\n");
  insert(field, start, end, text);
  if (lines.length > 1) field.setSelectionRange(start, start + text.length);
}

/** @param {HTMLTextAreaElement} field */
function link(field) {
  const { selectionStart: start, selectionEnd: end } = field;
  const words = chosen(field);
  if (ADDRESS.test(words.trim())) {
    insert(field, start, end, `[](${words.trim()})`);
    field.setSelectionRange(start + 1, start + 1);
    return;
  }
  insert(field, start, end, `[${words}]()`);
  const at = words ? start + words.length + 3 : start + 1;
  field.setSelectionRange(at, at);
}
