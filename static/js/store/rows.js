/**
 * The messages held of one room, by seq. Persistent: a change copies one chunk, so thousands of rows cost as little
 * as a hundred. Seqs have no holes, so what lies between two held neighbours is known to be nothing.
 */

/** @typedef {import("parley/store/shapes.js").Message} Message */
/** @typedef {{ chunks: ReadonlyMap<number, ReadonlyArray<Message | undefined>>, size: number, top: number }} Rows */

const CHUNK = 128;

/** @type {Rows} */
export const NO_ROWS = { chunks: new Map(), size: 0, top: 0 };

/**
 * @param {Rows} rows
 * @param {number} seq
 * @returns {Message | undefined}
 */
export function rowAt(rows, seq) {
  return rows.chunks.get(Math.floor(seq / CHUNK))?.[seq % CHUNK];
}

/**
 * Insert a message or replace an older state of it; an older or equal rev changes nothing.
 * @param {Rows} rows
 * @param {Message} message
 * @returns {Rows}
 */
export function rowUpsert(rows, message) {
  const held = rowAt(rows, message.seq);
  if (held && held.rev >= message.rev) return rows;
  const key = Math.floor(message.seq / CHUNK);
  const chunk = (rows.chunks.get(key) ?? new Array(CHUNK)).slice();
  chunk[message.seq % CHUNK] = message;
  const chunks = new Map(rows.chunks);
  chunks.set(key, chunk);
  return { chunks, size: rows.size + (held ? 0 : 1), top: Math.max(rows.top, message.seq) };
}

/**
 * The unbroken run of held messages around a seq: [lowest, highest], or null if that one is not held.
 * @param {Rows} rows
 * @param {number} seq
 * @param {number} [reach] how far to look each way
 * @returns {[number, number] | null}
 */
export function runAround(rows, seq, reach = Infinity) {
  if (!rowAt(rows, seq)) return null;
  let low = seq;
  let high = seq;
  while (seq - low < reach && rowAt(rows, low - 1)) low -= 1;
  while (high - seq < reach && rowAt(rows, high + 1)) high += 1;
  return [low, high];
}

/**
 * @param {Rows} rows
 * @param {number} low
 * @param {number} high
 * @returns {Message[]} the held ones, in order
 */
export function rowsBetween(rows, low, high) {
  const found = [];
  for (let seq = low; seq <= high; seq += 1) {
    const row = rowAt(rows, seq);
    if (row) found.push(row);
  }
  return found;
}

/**
 * @param {Rows} rows
 * @returns {Message[]} all, in order
 */
export function allRows(rows) {
  const found = [];
  for (const key of [...rows.chunks.keys()].sort((a, b) => a - b)) {
    for (const row of rows.chunks.get(key) ?? []) if (row) found.push(row);
  }
  return found;
}

/**
 * The newest run, at most `limit` long: what is worth keeping of a room nobody looks at.
 * @param {Rows} rows
 * @param {number} limit
 * @returns {Rows}
 */
export function newestRows(rows, limit) {
  const run = rows.top ? runAround(rows, rows.top, limit - 1) : null;
  let kept = NO_ROWS;
  if (run) for (const row of rowsBetween(rows, run[0], run[1])) kept = rowUpsert(kept, row);
  return kept;
}
