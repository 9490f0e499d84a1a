/**
 * Finding a name by what somebody types: as it is written, by the readings of its 汉字 (王芳 by "wangfang", "wangf",
 * "wf"), by the first letters of its words ("an" for Alice Novak). Case, accents and full width do not count.
 *
 *     matches("王芳", "wf")      → { rank: 3, ranges: [[0, 2]] }
 *     matches("茶馆", "馆")      → { rank: 2, ranges: [[1, 2]] }
 *     matches("王芳", "x")       → null
 *     matches("王芳", "")        → { rank: 0, ranges: [] }
 *
 * The readings are a file of their own. `loadReadings()` fetches it, once; until then 汉字 match as they are written.
 */

/** @typedef {[start: number, end: number]} Range in UTF-16 units of the text, the end not included */
/** `rank`: 0 from the beginning, 1 from the beginning of a word, 2 within one, 3 by readings or initials from the first
 * word on, 4 by those of later ones. Smaller is better. @typedef {{ rank: 0 | 1 | 2 | 3 | 4, ranges: Range[] }} Match */
/** A character with readings, or a word: where it stands, how it is spelt. @typedef {{ start: number, end: number, spellings: string[], sign: string }} Token */
/** `at[i]`: where the i-th unit of `folded` stands in the text. @typedef {{ folded: string, at: number[], tokens: Token[] | null }} Prepared */

/** Longer ones are not spelt: nobody types a name like that. */
const LONGEST = 40;
const KEPT = 6000;
/** What the list of readings has forgotten. */
const FORGOTTEN = { lve: "略掠锊" };
const WORD = /[\p{L}\p{N}]/u;
const HAN = /\p{Script=Han}/u;
const SPELLS = /[a-z]/;

/** @type {Map<string, string[]>} */
let readings = new Map();
/** @type {Promise<void> | null} */
let loading = null;
/** @type {Map<string, Prepared>} */
const known = new Map();

/**
 * Fetch the readings. After a failure the next call tries again.
 * @param {() => Promise<{ dict: Record<string, string> }>} [source]
 * @returns {Promise<void>}
 */
export function loadReadings(source = () => import(/** @type {any} */ ("pinyin-match/readings"))) {
  loading ??= source().then(
    ({ dict }) => learn(dict),
    (error) => {
      loading = null;
      throw error;
    },
  );
  return loading;
}

/** @param {Record<string, string>} dict syllable → the characters that are read so */
function learn(dict) {
  const next = new Map();
  for (const list of [dict, FORGOTTEN]) {
    for (const [syllable, signs] of Object.entries(list)) {
      // ü is typed as v, and as u by those who do not know better.
      const spelt = syllable.includes("v") ? [syllable, syllable.replace("v", "u")] : [syllable];
      for (const sign of signs) next.set(sign, [...(next.get(sign) ?? []), ...spelt]);
    }
  }
  readings = next;
  known.clear();
}

/**
 * @param {string} text
 * @param {string} query
 * @returns {Match | null}
 */
export function matches(text, query) {
  const wanted = fold(query).trim();
  if (!wanted) return { rank: 0, ranges: [] };
  const prepared = prepare(text);
  return asWritten(prepared, wanted) ?? asSpelt(prepared, wanted);
}

/**
 * @param {Prepared} prepared
 * @param {string} wanted
 * @returns {Match | null}
 */
function asWritten({ folded, at }, wanted) {
  const first = folded.indexOf(wanted);
  if (first < 0) return null;
  let found = first;
  for (let next = first; next >= 0; next = folded.indexOf(wanted, next + 1)) {
    if (next === 0 || !WORD.test(folded[next - 1])) {
      found = next;
      break;
    }
  }
  const rank = found === 0 ? 0 : WORD.test(folded[found - 1]) ? 2 : 1;
  return { rank, ranges: [[at[found], at[found + wanted.length]]] };
}

/**
 * @param {Prepared} prepared
 * @param {string} wanted
 * @returns {Match | null}
 */
function asSpelt(prepared, wanted) {
  const letters = wanted.replace(/[\s'’]+/g, "");
  if (!SPELLS.test(letters) || letters.length > LONGEST) return null;
  const tokens = (prepared.tokens ??= tokensOf(prepared));
  for (let from = 0; from < tokens.length; from += 1) {
    const to = spell(tokens, from, letters, 0, new Set());
    if (to < 0) continue;
    /** @type {Range[]} */
    const ranges = [];
    for (const { start, end } of tokens.slice(from, to)) {
      const last = ranges[ranges.length - 1];
      if (last && last[1] === start) last[1] = end;
      else ranges.push([start, end]);
    }
    return { rank: from === 0 ? 3 : 4, ranges };
  }
  return null;
}

/**
 * Each word gives its whole spelling or its first sound; the last one as much of it as was typed.
 * @param {Token[]} tokens
 * @param {number} index
 * @param {string} letters
 * @param {number} typed how many of them are used
 * @param {Set<number>} dead what has led nowhere
 * @returns {number} the token after the last one used, -1 if it does not work out
 */
function spell(tokens, index, letters, typed, dead) {
  const token = tokens[index];
  const key = index * (LONGEST + 1) + typed;
  if (!token || dead.has(key)) return -1;
  for (const spelling of token.spellings) {
    if (spelling.startsWith(letters.slice(typed))) return index + 1;
    for (const length of [spelling.length, /^[csz]h/.test(spelling) ? 2 : 0, 1]) {
      if (!length || !letters.startsWith(spelling.slice(0, length), typed)) continue;
      const end = spell(tokens, index + 1, letters, typed + length, dead);
      if (end >= 0) return end;
    }
  }
  dead.add(key);
  return -1;
}

/**
 * @param {string} text
 * @returns {Prepared}
 */
function prepare(text) {
  let made = known.get(text);
  if (made) return made;
  let folded = "";
  /** @type {number[]} */
  const at = [];
  let place = 0;
  for (const sign of text) {
    const plain = fold(sign);
    for (let unit = 0; unit < plain.length; unit += 1) at.push(place);
    folded += plain;
    place += sign.length;
  }
  at.push(place);
  made = { folded, at, tokens: null };
  if (known.size >= KEPT) known.clear();
  known.set(text, made);
  return made;
}

/**
 * @param {Prepared} prepared
 * @returns {Token[]}
 */
function tokensOf({ folded, at }) {
  /** @type {Token[]} */
  const tokens = [];
  let place = 0;
  /** @type {Token | null} */
  let word = null;
  for (const sign of folded) {
    const start = at[place];
    place += sign.length;
    const end = at[place];
    if (HAN.test(sign)) {
      word = null;
      tokens.push({ start, end, sign, spellings: [...(readings.get(sign) ?? []), sign] });
    } else if (!WORD.test(sign)) word = null;
    else if (word) {
      word.end = end;
      word.spellings[0] += sign;
    } else tokens.push((word = { start, end, sign, spellings: [sign] }));
  }
  return tokens;
}

/** @param {string} text */
function fold(text) {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}
