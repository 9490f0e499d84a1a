/** What changed between two wordings, word by word; in 汉字 too, which have no spaces between words. */

/** @typedef {{ kind: "same" | "gone" | "new", text: string }} Part */

/** Beyond so many comparisons the middle is shown as replaced: nobody reads a puzzle, and nobody waits for one. */
const WORK = 1_000_000;

/** @type {Map<string, Intl.Segmenter>} */
const segmenters = new Map();

/**
 * @param {string} text
 * @param {string} language
 * @returns {string[]}
 */
export function wordsIn(text, language) {
  let segmenter = segmenters.get(language);
  if (!segmenter) {
    segmenter = new Intl.Segmenter(language, { granularity: "word" });
    segmenters.set(language, segmenter);
  }
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/**
 * @param {string} before
 * @param {string} after
 * @param {string} language for where words end
 * @returns {Part[]} neighbours differ in kind; what is gone stands before what is new
 */
export function changes(before, after, language) {
  const old = wordsIn(before, language);
  const now = wordsIn(after, language);
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  /** @type {Part[]} */
  const parts = [];
  const add = (/** @type {Part["kind"]} */ kind, /** @type {string} */ text) => {
    const last = parts[parts.length - 1];
    if (!text) return;
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  add("same", old.slice(0, start).join(""));
  for (const { kind, text } of tidy(middle(old.slice(start, old.length - end), now.slice(start, now.length - end)))) add(kind, text);
  add("same", old.slice(old.length - end).join(""));
  return parts;
}

/**
 * The longest common subsequence of two lists of words.
 * @param {string[]} old
 * @param {string[]} now
 * @returns {Part[]}
 */
function middle(old, now) {
  const width = now.length + 1;
  if (!old.length || !now.length || old.length * now.length > WORK) {
    return [{ kind: "gone", text: old.join("") }, { kind: "new", text: now.join("") }];
  }
  const length = new Uint16Array((old.length + 1) * width);
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      length[i * width + j] = old[i] === now[j] ? length[(i + 1) * width + j + 1] + 1 : Math.max(length[(i + 1) * width + j], length[i * width + j + 1]);
    }
  }
  /** @type {Part[]} */
  const parts = [];
  let i = 0;
  let j = 0;
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      parts.push({ kind: "same", text: old[i] });
      i += 1;
      j += 1;
    } else if (length[(i + 1) * width + j] >= length[i * width + j + 1]) parts.push({ kind: "gone", text: old[i++] });
    else parts.push({ kind: "new", text: now[j++] });
  }
  return [...parts, { kind: "gone", text: old.slice(i).join("") }, { kind: "new", text: now.slice(j).join("") }];
}

/**
 * Between two changes a mere space is no island; what is gone comes before what is new.
 * @param {Part[]} parts
 * @returns {Part[]}
 */
function tidy(parts) {
  /** @type {Part[]} */
  const done = [];
  let gone = "";
  let fresh = "";
  const settle = () => {
    done.push({ kind: "gone", text: gone }, { kind: "new", text: fresh });
    gone = fresh = "";
  };
  parts.forEach((part, index) => {
    if (part.kind === "gone") gone += part.text;
    else if (part.kind === "new") fresh += part.text;
    else if ((gone || fresh) && !part.text.trim() && index + 1 < parts.length && parts[index + 1].kind !== "same") {
      gone += part.text;
      fresh += part.text;
    } else {
      settle();
      done.push(part);
    }
  });
  settle();
  return done.filter(({ text }) => text);
}
