/** What the server takes (accounts/validators.py, accounts/pictures.py): named before anything is sent. */

export const NAME_LENGTH = 64;
/** Of a status, and of what a token is called. */
export const LINE_LENGTH = 80;
export const HANDLE_LENGTH = 32;

export const PICTURE_TYPES = ["image/png", "image/jpeg", "image/webp", "image/gif"];
export const PICTURE_BYTES = 8 * 1024 * 1024;
export const PICTURE_PIXELS = 25_000_000;
export const PICTURE_SIDE = 16;
