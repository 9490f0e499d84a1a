/** The account's part of the API, made when it is first needed. */

import { Account } from "parley/net/account.js";
import { client } from "parley/views/client.js";

/** @type {Account | null} */
let made = null;

export function account() {
  made ??= new Account(client.rest);
  return made;
}
