// Login slips: onto paper, and the words for WeChat into the clipboard.
"use strict";

{
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.classList.add("ready");
    const source = document.getElementById(button.dataset.copy);
    const line = button.parentElement.querySelector("[data-said]");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(source.value);
        line.textContent = "已复制，可以粘贴到微信。";
      } catch {
        // No clipboard in this browser, or not for us: the last step is the reader's.
        source.focus();
        source.select();
        line.textContent = "这个浏览器不让自动复制。文字已经选好，请按 Ctrl+C 复制。";
      }
    });
  }

  for (const button of document.querySelectorAll("[data-print]")) {
    button.classList.add("ready");
    button.addEventListener("click", () => window.print());
  }
}
