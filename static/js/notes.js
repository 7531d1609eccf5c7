// 批注: a paragraph is taken hold of (pointer, tap, selection, or button and arrow keys), a panel
// holds its notes, a mark in the margin shows that it has some.
"use strict";

{
  const { text, blocks, store } = tools;
  const root = document.documentElement;
  const sheet = text.closest("article");
  const strips = document.querySelector("[data-strips]");
  const grip = document.querySelector("[data-grip]");
  const write = grip.querySelector("[data-write]");
  const where = grip.querySelector(".grip-opening");
  const template = document.getElementById("note-panel");
  const link = document.querySelector("[data-annotate]");
  let notes = [];
  let held = null; // the paragraph in hand
  let panel = null;

  // 长者模式: what was written is shown, nothing offers itself.
  const isElder = () => root.dataset.elder === "on";
  const inMargin = (width) => innerWidth - text.getBoundingClientRect().right >= width;
  const of = (block) => notes.filter((note) => note.block === block.id);
  const frame = (block) => (block.tagName === "TABLE" && block.closest(".table")) || block;

  const make = (name, look, ...content) => {
    const made = document.createElement(name);
    made.className = look;
    made.append(...content);
    return made;
  };

  const button = (words, action, look = "tool") => {
    const made = make("button", look, words);
    made.type = "button";
    made.addEventListener("click", action);
    return made;
  };

  // The paragraph that something in the text belongs to; a table or figure is one.
  const blockOf = (node) => {
    let at = node instanceof Element ? node : node.parentElement;
    at = at.closest(".body table, .body figure") || at;
    while (at && !(text.contains(at) && tools.isBlock(at))) {
      if (at === text) return null;
      at = at.parentElement;
    }
    return at;
  };

  const beside = (element, block) => {
    const base = (element.offsetParent || root).getBoundingClientRect();
    const at = frame(block).getBoundingClientRect();
    element.style.top = `${at.top - base.top}px`;
    element.style.left = `${text.getBoundingClientRect().right - base.left}px`;
  };

  // The hand on a paragraph
  const letGo = () => {
    if (!held) return;
    held.classList.remove("held");
    held = null;
    grip.hidden = true;
  };

  const hold = (block, { quietly = false, focus = false } = {}) => {
    if (!block || (isElder() && quietly)) return;
    if (held !== block) letGo();
    held = block;
    const lateral = quietly && inMargin(52);
    if (quietly && !lateral) return letGo();
    grip.classList.toggle("beside", lateral);
    if (lateral) sheet.append(grip);
    else if (grip.parentElement !== strips) strips.prepend(grip);
    grip.hidden = false;
    const opening = tools.opening(block);
    const count = of(block).length;
    write.textContent = count ? `批注${count}` : "批注";
    write.setAttribute("aria-label", `${write.textContent}：“${opening}”`);
    if (lateral) beside(grip, block);
    else {
      block.classList.add("held");
      where.textContent = `“${opening}”`;
      tools.whisper(where.textContent);
    }
    if (focus) write.focus();
  };

  const step = (by) => {
    const next = blocks[blocks.indexOf(held) + by];
    if (!next) return;
    hold(next);
    tools.show(next, "nearest");
  };

  text.addEventListener("pointerover", (event) => {
    const stays = !grip.hidden && !grip.classList.contains("beside");
    if (event.pointerType === "mouse" && !stays && !panel) hold(blockOf(event.target), { quietly: true });
  });
  sheet.addEventListener("pointerleave", () => {
    if (grip.classList.contains("beside") && !grip.contains(document.activeElement)) letGo();
  });
  text.addEventListener("click", (event) => {
    if (event.target.closest("a, button, input, textarea, summary, .note-panel")) return;
    if (isElder() || panel || !getSelection().isCollapsed) return;
    const block = blockOf(event.target);
    if (grip.classList.contains("beside") && !grip.hidden) return;
    if (held === block) letGo();
    else hold(block);
  });
  let selecting = 0;
  document.addEventListener("selectionchange", () => {
    clearTimeout(selecting);
    selecting = setTimeout(() => {
      const selection = getSelection();
      if (isElder() || panel || selection.isCollapsed || !text.contains(selection.anchorNode)) return;
      hold(blockOf(selection.anchorNode), { quietly: inMargin(52) });
    }, 300);
  });

  // The link to the page of forms becomes the way in by keyboard.
  const begin = button(link.textContent, () => hold(tools.firstSeen(), { focus: true }), link.className);
  link.replaceWith(begin);

  grip.addEventListener("keydown", (event) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (by) {
      event.preventDefault();
      step(by);
    } else if (event.key === "Escape") {
      event.preventDefault();
      letGo();
      begin.focus();
    }
  });
  grip.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button || !held) return;
    const block = held;
    if (button.dataset.step) return step(Number(button.dataset.step));
    const inside = grip.contains(document.activeElement);
    if (button === write) return open(block, begin);
    letGo();
    if (button.dataset.aloudHere !== undefined)
      document.dispatchEvent(new CustomEvent("read-aloud", { detail: block }));
    else if (inside) begin.focus({ preventScroll: true });
  });

  // The panel
  const close = (back) => {
    if (!panel) return;
    const { opener } = panel;
    panel.element.remove();
    panel = null;
    const target = back && opener.isConnected ? opener : begin;
    if (back) target.focus();
  };

  const open = (block, opener) => {
    close();
    const element = template.content.firstElementChild.cloneNode(true);
    element.setAttribute("aria-label", `批注：“${tools.opening(block)}”`);
    panel = { element, block, opener, editing: null };
    letGo();
    if (inMargin(270)) {
      element.classList.add("beside");
      text.after(element);
      beside(element, block);
    } else if (block.tagName === "LI") block.append(element);
    else frame(block).after(element);
    const form = element.querySelector("form");
    const box = form.querySelector("textarea");
    const problem = form.querySelector("[role=alert]");
    const more = form.querySelector("details");
    box.value = store.get(`note ${block.id}`) || "";
    more.open = box.value || !of(block).length;
    more.querySelector("summary").addEventListener("click", () => setTimeout(() => box.focus()));
    // What is typed outlives a failure, a reload and a panel closed by mistake.
    box.addEventListener("input", () => panel.editing || store.set(`note ${block.id}`, box.value));
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      problem.textContent = "";
      const { editing } = panel;
      try {
        const url = editing ? tools.urls.note.replace("/0/", `/${editing.id}/`) : tools.urls.notes;
        const saved = await tools.send(url, { block: block.id, text: box.value });
        notes = editing ? notes.map((note) => (note.id === saved.id ? saved : note)) : [...notes, saved];
        if (!editing) store.set(`note ${block.id}`, "");
        mark(block);
        if (panel && panel.element === element) {
          panel.opener = block.noteMark;
          close(true);
        }
        tools.say("批注已保存。");
      } catch (error) {
        problem.textContent = error.message;
        box.focus();
      }
    });
    element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape") return;
      event.preventDefault();
      close(true);
    });
    element.querySelector("[data-close]").addEventListener("click", () => close(true));
    list();
    (more.open ? box : element).focus({ preventScroll: true });
    tools.show(element, "nearest");
  };

  // The notes of the panel's paragraph, each with what can be done to it.
  const list = () => {
    const { element, block } = panel;
    const box = element.querySelector("textarea");
    element.querySelector(".note-list").replaceChildren(
      ...of(block).map((note) => {
        const acts = make(
          "p",
          "note-acts",
          make("span", "soft small", note.written),
          button("修改", () => {
            panel.editing = note;
            box.closest("details").open = true;
            element.querySelector("label").textContent = "修改批注";
            box.value = note.text;
            box.focus();
          }),
          button("删除", () => remove(note)),
        );
        return make("li", "", make("p", "note-words", note.text), acts);
      }),
    );
  };

  const remove = async (note) => {
    const { element, block } = panel;
    try {
      await tools.send(tools.urls.note.replace("/0/", `/${note.id}/`), { delete: "1" });
    } catch (error) {
      element.querySelector("[role=alert]").textContent = error.message;
      return;
    }
    notes = notes.filter((other) => other.id !== note.id);
    mark(block);
    if (!panel || panel.element !== element) return;
    if (panel.editing === note) panel.editing = null;
    list();
    const again = button("撤销", async () => {
      try {
        notes.push(await tools.send(tools.urls.notes, { block: block.id, text: note.text }));
        mark(block);
        list();
        element.focus();
        tools.say("批注恢复了。");
      } catch (error) {
        element.querySelector("[role=alert]").textContent = error.message;
      }
    });
    element.querySelector(".note-list").append(make("li", "note-acts", "已删除。", again));
    again.focus();
    tools.say("批注已删除，可以撤销。");
  };

  // Marks in the margin
  const mark = (block) => {
    const count = of(block).length;
    if (!count) {
      if (block.noteMark) block.noteMark.remove();
      block.noteMark = null;
      block.classList.remove("noted");
      return;
    }
    if (!block.noteMark) {
      const made = button("", () => open(block, made)); // its 注 is in tools.css
      made.className = "tool note-mark";
      block.noteMark = made;
      block.classList.add("noted");
      if (block.tagName === "TABLE") {
        // A frame that scrolls would hide it: it hangs before it.
        frame(block).before(make("div", "noted note-hook", made));
      } else block.append(made);
    }
    block.noteMark.setAttribute("aria-label", `批注${count}条`);
  };

  addEventListener("resize", () => {
    if (held && grip.classList.contains("beside")) letGo();
    if (panel && panel.element.classList.contains("beside")) beside(panel.element, panel.block);
  });

  tools.marks.then((marks) => {
    if (!marks) return;
    // A note may have been saved before this answer came.
    notes = [...marks.notes.filter((note) => !notes.some((other) => other.id === note.id)), ...notes];
    const lost = [];
    for (const note of notes) {
      const block = document.getElementById(note.block);
      if (block && text.contains(block)) mark(block);
      else lost.push(note);
    }
    if (!lost.length) return;
    const place = document.querySelector("[data-lost]");
    for (const note of lost) {
      const excerpt = make("p", "soft small", `原在：“${note.excerpt}”`);
      place.querySelector("ul").append(make("li", "", excerpt, make("p", "note-words", note.text)));
    }
    place.hidden = false;
  });
}
