/** The signs of the settings: drawn like those of `icons.js`, and not part of the first load. */

import { html } from "htm/preact";

const PATHS = {
  profile: "M10 3.5a3.25 3.25 0 1 1 0 6.5 3.25 3.25 0 0 1 0-6.5zM3.5 16.5c0-3 2.6-4.5 6.5-4.5s6.5 1.5 6.5 4.5",
  account: "M10 3 16 5.2v4.3c0 3.6-2.4 6.2-6 7.5-3.6-1.3-6-3.9-6-7.5V5.2zM7.3 10l2 2 3.6-4",
  devices: "M3.5 4.5h13v8h-13zM2 15.5h16",
  tokens: "M12.8 3.5a3.7 3.7 0 1 1-3.4 5.2L3.5 14.6v2h3v-2h2v-2l2-2a3.7 3.7 0 0 1 2.3-7.1zM13.4 6.8h.01",
  bots: "M5 7.5h10v8H5zM10 7.5V4.2M8.2 11.2h.01M11.8 11.2h.01M2.8 10.5v3M17.2 10.5v3",
  invitations: "M3 5h14v10H3zM3.3 5.5 10 10.8l6.7-5.3",
  appearance: "M10 3.5a6.5 6.5 0 1 1 0 13zM10 3.5a6.5 6.5 0 0 0 0 13z",
  keys: "M2.5 5.5h15v9h-15zM5.5 8.5h.01M8.5 8.5h.01M11.5 8.5h.01M14.5 8.5h.01M6.5 11.5h7",
  notifications: "M5.2 13.5c.8-.9 1-2 1-4.2C6.2 6.6 7.6 5 10 5s3.8 1.6 3.8 4.3c0 2.2.2 3.3 1 4.2zM8.6 16a1.6 1.6 0 0 0 2.8 0M10 5V3.5",
  browser: "M3 4.5h14v11H3zM3 8h14M5.4 6.2h.01M7.6 6.2h.01",
  token: "M3 4.5h14v11H3zM6 8l2 2-2 2M10 12h3.5",
};

/** @typedef {keyof typeof PATHS} SignName */

/** @param {{ name: SignName }} props */
export function Sign({ name }) {
  return html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}
