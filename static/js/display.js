// Reading settings take effect at once and are saved by themselves. Without this file the form has
// a button, and the server writes the same attributes (members/display.py).
"use strict";

{
  const root = document.documentElement;
  const DEFAULTS = { theme: "auto", face: "serif", size: "100", leading: "normal", elder: "off" };

  // Text of another size must not carry the reader away: what stood at a quarter of the window
  // stands there again.
  const keepingPlace = (change) => {
    const line = innerHeight / 4;
    const blocks = [...document.querySelectorAll(".sheet .body > *, .sheet .lead-in > *")];
    const block = blocks.find((found) => found.getBoundingClientRect().bottom > line);
    const before = block && block.getBoundingClientRect();
    change();
    if (!before || (block === blocks[0] && before.top > line)) return;
    const after = block.getBoundingClientRect();
    const share = Math.max(0, (line - before.top) / before.height);
    const moved = after.top + share * after.height - (before.top + share * before.height);
    scrollBy({ top: moved, behavior: "instant" });
  };

  const apply = (name, value) => {
    if (value === DEFAULTS[name]) delete root.dataset[name];
    else root.dataset[name] = value;
    if (name !== "theme" && name !== "elder") return;
    const theme = root.dataset.theme;
    document.querySelector('meta[name="color-scheme"]').content =
      theme === "dark" ? "dark" : theme ? "light" : "light dark";
    const paper = getComputedStyle(document.body).backgroundColor;
    for (const meta of document.querySelectorAll('meta[name="theme-color"]')) meta.content = paper;
  };

  const save = async (form, name, value) => {
    const said = form.querySelector(".display-status");
    const data = new FormData();
    data.set("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
    data.set(name, value);
    let saved = false;
    try {
      const answer = await fetch(form.action, {
        method: "POST",
        body: data,
        headers: { Accept: "application/json" },
        keepalive: true,
      });
      saved = answer.status === 204;
    } catch {
      // Said below, whatever the reason.
    }
    said.textContent = saved ? "已保存" : "没有保存上，本页照用。请检查网络，再选一次。";
  };

  for (const form of document.querySelectorAll(".display-form")) {
    form.classList.add("display-live");
    form.addEventListener("change", (event) => {
      const { name, value } = event.target;
      if (!(name in DEFAULTS)) return;
      keepingPlace(() => apply(name, value));
      save(form, name, value);
    });
  }
}
