/** What writing takes beyond letters: loaded together, when the page has time or somebody first asks. */

export { loadReadings } from "parley/lib/pinyin.js";
export { apply, linkOver } from "parley/views/format.js";
export { insert } from "parley/views/insert.js";
export { commandIn, findCommands, Refused } from "parley/views/suggest/commands.js";
export { findPeople, widen } from "parley/views/suggest/people.js";
export { findRooms } from "parley/views/suggest/rooms.js";
