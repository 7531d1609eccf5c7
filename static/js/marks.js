// 收藏 and 已读: the forms of the page become switches.
"use strict";

{
  const said = {
    bookmarked: { true: "已收藏，在“我的”里可以找到。", false: "已取消收藏。" },
    finished: { true: "已标为已读。", false: "已标为未读。" },
  };
  const switches = [...document.querySelectorAll("[data-mark]")];
  const touched = new Set();
  let sending = Promise.resolve();

  const show = (mark, on) => {
    for (const button of switches)
      if (button.dataset.mark === mark) button.setAttribute("aria-pressed", String(on));
  };

  for (const button of switches) {
    const mark = button.dataset.mark;
    show(mark, false);
    button.form.addEventListener("submit", (event) => {
      event.preventDefault();
      const on = button.getAttribute("aria-pressed") !== "true";
      touched.add(mark);
      show(mark, on);
      const action = button.form.getAttribute("action");
      // One after the other, so that the last press is what stays.
      sending = sending.then(async () => {
        try {
          await tools.send(action, { on: on ? "1" : "0" });
          tools.say(said[mark][on]);
          if (mark === "finished") document.dispatchEvent(new CustomEvent("marked", { detail: on }));
        } catch (error) {
          show(mark, !on);
          tools.say(error.message);
        }
      });
    });
  }

  tools.marks.then((marks) => {
    for (const mark of Object.keys(said))
      if (marks && !touched.has(mark)) show(mark, marks[mark]);
  });
  // The end of the text was reached: the server has marked it.
  document.addEventListener("reached-the-end", () => show("finished", true));
}
