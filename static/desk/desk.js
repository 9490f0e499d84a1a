// The desk works without this: here is what is nicer with it. No words of its own, they stand in the page.

for (const form of document.querySelectorAll("[data-rows]")) {
  const all = form.querySelector("[data-all]");
  const ticks = [...form.querySelectorAll("input[name=id]")];
  const count = form.querySelector("[data-count]");
  const deeds = [...form.querySelectorAll(".deeds button")];
  if (!all || !count) continue;
  const words = count.textContent;
  const show = () => {
    const chosen = ticks.filter((tick) => tick.checked).length;
    all.checked = chosen > 0 && chosen === ticks.length;
    all.indeterminate = chosen > 0 && chosen < ticks.length;
    count.textContent = chosen ? count.dataset.some.replace("{n}", String(chosen)) : words;
    for (const deed of deeds) deed.disabled = chosen === 0;
  };
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const tick of ticks) tick.checked = all.checked;
    show();
  });
  form.addEventListener("change", show);
  addEventListener("pageshow", show);
  show();
}

// One filter's menu at a time, closed by Esc and by a click beside it.
const filters = [...document.querySelectorAll("details.filter")];
addEventListener("click", (event) => {
  for (const filter of filters) if (!filter.contains(event.target)) filter.open = false;
});
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.isComposing) return;
  for (const filter of filters.filter((one) => one.open)) {
    filter.open = false;
    filter.querySelector("summary").focus();
  }
});

for (const field of document.querySelectorAll("[data-select]")) {
  field.addEventListener("focus", () => field.select());
  field.focus();
}

for (const group of document.querySelectorAll(".desk-themes")) {
  const root = document.documentElement;
  const paint = () => {
    for (const button of group.children)
      button.setAttribute("aria-pressed", String(button.dataset.themeTo === (root.dataset.theme ?? "system")));
  };
  group.hidden = false;
  group.addEventListener("click", (event) => {
    const theme = event.target.dataset.themeTo;
    if (!theme) return;
    if (theme === "system") delete root.dataset.theme;
    else root.dataset.theme = theme;
    document.cookie = `theme=${theme}; path=/; max-age=31536000; samesite=lax`;
    paint();
  });
  paint();
}
