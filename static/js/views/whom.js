/** The one directory of the page: who searches here knows what was read for the search before. */

import { Directory } from "parley/store/directory.js";
import { client } from "parley/views/client.js";

/** @type {Directory | null} */
let made = null;

export function directory() {
  made ??= new Directory(client.rest);
  return made;
}
