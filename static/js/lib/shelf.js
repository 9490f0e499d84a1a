/** Small things kept on this device at once (localStorage); where there is none, for the life of the page. */

/** @type {Map<string, string>} */
const memory = new Map();

/** @param {string} key */
export function shelfGet(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return memory.get(key) ?? null;
  }
}

/**
 * @param {string} key
 * @param {string | null} value null removes
 */
export function shelfSet(key, value) {
  try {
    if (value === null) localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    if (value === null) memory.delete(key);
    else memory.set(key, value);
  }
}

/**
 * @param {string} prefix
 * @returns {string[]}
 */
export function shelfKeys(prefix) {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(prefix));
  } catch {
    return [...memory.keys()].filter((key) => key.startsWith(prefix));
  }
}
