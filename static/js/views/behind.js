/** What the first view does without: one import brings it right after. */

export { copy } from "parley/views/clipboard.js";
export { Dialogs, warm } from "parley/views/dialogs.js";
export { Editor } from "parley/views/editor.js";
export { onMessageKey } from "parley/views/messagekeys.js";
export { openMessageMenu } from "parley/views/messagemenu.js";
export { expectPane, Pane } from "parley/views/pane.js";
export { Stranded } from "parley/views/stranded.js";
export { Writers } from "parley/views/typing.js";
export { walk } from "parley/views/walk.js";
