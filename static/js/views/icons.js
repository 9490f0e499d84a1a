/** Line icons, 20 × 20, drawn in the colour of the text around them. */

import { html } from "htm/preact";

const PATHS = {
  back: "M12.5 4.5 7 10l5.5 5.5",
  plus: "M10 4v12M4 10h12",
  search: "M9 3.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM13 13l3.5 3.5",
  send: "M3.5 10 16.5 4l-4 12.5-3-5.5zM9.5 11l7-7",
  reply: "M8 5 3.5 9.5 8 14M4 9.5h7a5.5 5.5 0 0 1 5.5 5.5v.5",
  edit: "M4 16l.8-3.4L13.2 4.2l2.6 2.6-8.4 8.4zM11.5 6l2.6 2.6",
  trash: "M4.5 6h11M8 6V4h4v2M6 6l.7 10h6.6L14 6M8.8 9v4.5M11.2 9v4.5",
  close: "M5 5l10 10M15 5 5 15",
  down: "M10 4v12M5 11l5 5 5-5",
  up: "M10 16V4M5 9l5-5 5 5",
  copy: "M7.5 7.5h9v9h-9zM12.5 7.5v-4h-9v9h4",
  lock: "M6 9V7a4 4 0 0 1 8 0v2M5 9h10v7.5H5z",
  hash: "M7.8 3.5 6.2 16.5M13.8 3.5l-1.6 13M3.8 7.5h13M3.2 12.5h13",
  people: "M7.5 4a2.75 2.75 0 1 1 0 5.5 2.75 2.75 0 0 1 0-5.5zM2.5 16c0-2.8 2-4.5 5-4.5s5 1.7 5 4.5M13 4.4a2.75 2.75 0 0 1 0 4.7M14.5 11.9c1.9.5 3 2 3 4.1",
  link: "M8.5 11.5a3 3 0 0 0 4.3 0l2.5-2.5a3 3 0 0 0-4.3-4.3L10 5.7M11.5 8.5a3 3 0 0 0-4.3 0L4.7 11A3 3 0 0 0 9 15.3l1-1",
  clock: "M10 3.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM10 6.5V10l2.5 1.5",
  check: "M4.5 10.5 8.5 14.5 15.5 6",
  next: "M7.5 4.5 13 10l-5.5 5.5",
  more: "M4.8 10h.01M10 10h.01M15.2 10h.01",
};

/** @param {{ name: keyof typeof PATHS }} props */
export function Icon({ name }) {
  return html`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" aria-hidden="true"><path d=${PATHS[name]} /></svg>`;
}
