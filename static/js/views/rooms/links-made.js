/** How many links were made on this page: who lists them reads them again. */

import { signal } from "@preact/signals";

export const linksMade = signal(0);
