/**
 * Make a text field as high as its text; style sheets bound it.
 * @param {HTMLTextAreaElement} field
 */
export function fit(field) {
  field.style.height = "auto";
  const border = field.offsetHeight - field.clientHeight;
  field.style.height = `${field.scrollHeight + border}px`;
}
