/**
 * The store on disk: one record with rooms, newest messages and their cursors, so a reload shows everything at once
 * and asks only for what changed. Another client version, person or database epoch drops it, cursors included.
 */

import { shelfKeys, shelfSet } from "parley/lib/shelf.js";
import { emptyState } from "parley/store/reduce.js";
import { allRows, newestRows, NO_ROWS, rowUpsert } from "parley/store/rows.js";

/** @typedef {import("parley/store/shapes.js").State} State */

const NAME = "parley";
const SHELF = "store";
const KEY = "state";
/** The shape of what is kept: another one drops it. */
const FORMAT = 2;
const ROOMS_KEPT = 40;
const ROWS_KEPT = 80;

/** @returns {Promise<IDBDatabase>} */
function open() {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(SHELF);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

/**
 * @template T
 * @param {IDBTransactionMode} mode
 * @param {(store: IDBObjectStore) => IDBRequest<T>} use
 * @returns {Promise<T>}
 */
async function within(mode, use) {
  const database = await open();
  try {
    return await new Promise((resolve, reject) => {
      const transaction = database.transaction(SHELF, mode);
      const request = use(transaction.objectStore(SHELF));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onerror = transaction.onabort = () => reject(transaction.error);
    });
  } finally {
    database.close();
  }
}

/**
 * What is worth keeping, as plain data. Pure.
 * @param {State} state
 * @param {string} version
 */
export function pack(state, version) {
  const active = Object.keys(state.logs)
    .filter((id) => state.logs[id].rows.size > 0 && state.rooms[id])
    .sort((a, b) => newest(state, b) - newest(state, a))
    .slice(0, ROOMS_KEPT);
  return {
    format: FORMAT,
    version,
    user: state.me?.id ?? "",
    epoch: state.epoch,
    rooms: state.rooms,
    people: state.people,
    logs: active.map((id) => {
      const log = state.logs[id];
      const rows = allRows(newestRows(log.rows, ROWS_KEPT));
      return { id, cursor: log.cursor, rows, stints: log.membersLoaded ? log.stints : null };
    }),
  };
}

/**
 * @param {any} record
 * @param {import("parley/store/shapes.js").Me} me
 * @param {string} version
 * @returns {State} empty if the record is not of this client, person and shape
 */
export function unpack(record, me, version) {
  const state = emptyState(me);
  if (!record || record.format !== FORMAT || record.version !== version) return state;
  if (record.user !== me.id || !record.epoch) return state;
  state.epoch = record.epoch;
  state.rooms = record.rooms;
  state.people = record.people;
  for (const kept of record.logs) {
    const rows = kept.rows.reduce(rowUpsert, NO_ROWS);
    const { cursor } = kept;
    state.logs[kept.id] = {
      cursor,
      since: cursor,
      rows,
      stints: kept.stints ?? {},
      membersLoaded: kept.stints !== null,
      waiting: [],
    };
  }
  return state;
}

/**
 * @param {State} state
 * @param {string} id
 */
function newest(state, id) {
  const { rows } = state.logs[id];
  return rows.chunks.get(Math.floor(rows.top / 128))?.[rows.top % 128]?.created_at ?? 0;
}

/**
 * @param {import("parley/store/shapes.js").Me} me
 * @param {string} version
 */
export async function restore(me, version) {
  try {
    return unpack(await within("readonly", (store) => store.get(KEY)), me, version);
  } catch {
    return emptyState(me);
  }
}

/**
 * @param {State} state
 * @param {string} version
 */
export async function save(state, version) {
  if (!state.epoch || state.arriving) return;
  try {
    await within("readwrite", (store) => store.put(pack(state, version), KEY));
  } catch {
    // no disk, no cache: the next start reads everything anew
  }
}

/**
 * Leave nothing of this person on the device; called before signing out.
 * @param {string} user
 */
export async function forget(user) {
  for (const what of ["draft", "edit", "out"]) for (const key of shelfKeys(`parley.${what}.${user}.`)) shelfSet(key, null);
  shelfSet(`parley.last.${user}`, null);
  shelfSet(`parley.list.${user}.turned`, null);
  await forgetRooms();
}

/** Leave nothing that others wrote; what she wrote herself and did not send waits for her. */
export async function forgetRooms() {
  try {
    sessionStorage.clear();
    await within("readwrite", (store) => store.clear());
  } catch {
    // nothing was there
  }
}
