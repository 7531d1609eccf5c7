// A panel that is pulled up from the foot of a narrow window, where the thumb is: the contents and
// the reading settings. Its details element opens it, or a button that names it (data-opens).
// On a wide window, and without this file, the panel stands where it is written.
"use strict";

for (const holder of document.querySelectorAll("details.pull")) {
  const panel = holder.querySelector(".pull-panel");
  const summary = holder.querySelector("summary");
  const openers = document.querySelectorAll(`[data-opens="${holder.id}"]`);
  let opener = summary;

  const isSheet = () => getComputedStyle(panel).position === "fixed";
  const close = ({ giveFocusBack }) => {
    if (!holder.open) return;
    holder.open = false;
    if (giveFocusBack) opener.focus({ preventScroll: true });
  };

  holder.classList.add("pulls");
  panel.querySelector(".pull-head").hidden = false;
  panel.querySelector(".pull-close").addEventListener("click", () => close({ giveFocusBack: true }));
  summary.addEventListener("click", () => {
    opener = summary;
  });
  for (const button of openers) {
    button.setAttribute("aria-controls", holder.id);
    button.setAttribute("aria-expanded", "false");
    button.addEventListener("click", () => {
      opener = button;
      holder.open = !holder.open;
    });
  }
  holder.addEventListener("toggle", () => {
    for (const button of openers) button.setAttribute("aria-expanded", holder.open);
    if (!holder.open) return;
    if (!isSheet()) {
      panel.scrollIntoView({ block: "nearest" });
      return;
    }
    // From the bar at the thumb, its text is far from the focus.
    if (opener !== summary) panel.querySelector(".pull-close").focus({ preventScroll: true });
    const here = panel.querySelector("[aria-current]");
    if (here) here.scrollIntoView({ block: "center" });
  });
  panel.addEventListener("click", (event) => {
    if (isSheet() && event.target.closest("a")) close({ giveFocusBack: false });
  });
  // It lies upon the text: whatever else is touched or focused must not be under it.
  holder.addEventListener("focusout", (event) => {
    const to = event.relatedTarget;
    if (to && isSheet() && !holder.contains(to) && ![...openers].includes(to)) {
      close({ giveFocusBack: false });
    }
  });
  document.addEventListener("pointerdown", (event) => {
    const inside = holder.contains(event.target) || event.target.closest("[data-opens]");
    if (!inside && isSheet()) close({ giveFocusBack: false });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && holder.open && isSheet()) close({ giveFocusBack: true });
  });
}
