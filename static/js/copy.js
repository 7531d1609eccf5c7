// What is taken along: citation and address into the clipboard, the page onto paper. A panel
// closes with Escape and with a press elsewhere.
"use strict";

{
  const select = (element) => {
    if (element.select) {
      element.focus();
      element.select();
      return;
    }
    const range = document.createRange();
    range.selectNodeContents(element);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };

  // What works by script alone becomes ready; until now its place was kept.
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.classList.add("ready");
    const source = document.getElementById(button.dataset.copy);
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value || source.textContent.trim());
        tools.say("已复制。", button);
      } catch {
        // No clipboard in this browser, or not for us: the last step is the reader's.
        select(source);
        tools.say("这个浏览器不让自动复制。文字已经选好，请长按或用Ctrl+C复制。", button);
      }
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.classList.add("ready");
    button.addEventListener("click", () => window.print());
  }

  for (const panel of document.querySelectorAll("[data-panel]")) {
    panel.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || !panel.open) return;
      event.preventDefault();
      panel.open = false;
      panel.querySelector("summary").focus();
    });
    document.addEventListener("pointerdown", (event) => {
      if (!panel.contains(event.target)) panel.open = false;
    });
  }
}
