// 朗读: the article by the voice of the reader's own device, a paragraph after the other, from
// the one in view. Not offered where no voice speaks Chinese.
"use strict";

if ("speechSynthesis" in window) {
  const engine = window.speechSynthesis;
  const begin = document.querySelector("[data-aloud]");
  const bar = document.querySelector("[data-aloud-bar]");
  const pause = bar.querySelector("[data-aloud-pause]");
  const rate = bar.querySelector("[data-aloud-rate]");
  const here = document.querySelector("[data-aloud-here]");
  // Chrome falls silent after 15 seconds: so many characters take less, slowly too.
  const MOST = 50;

  // Voices
  let voice = null;
  const rank = ({ lang, localService }) => {
    const code = lang.toLowerCase().replace("_", "-");
    if (!/^(zh|cmn)/.test(code)) return 0;
    return (/tw|hk|mo|hant/.test(code) ? 2 : 4) + (localService ? 1 : 0);
  };
  const choose = () => {
    const voices = engine.getVoices().filter((found) => rank(found));
    voice = voices.sort((a, b) => rank(b) - rank(a))[0] || null;
    begin.classList.toggle("ready", !!voice);
    here.hidden = !voice;
  };
  choose();
  if (engine.addEventListener) engine.addEventListener("voiceschanged", choose); // they come late
  else engine.onvoiceschanged = choose;

  // What is read
  const SILENT = "sup, button, .note-panel, .note-hook, .table-files, .back";
  const words = (element, without = SILENT) => {
    const copy = element.cloneNode(true);
    for (const silent of copy.querySelectorAll(without)) silent.remove();
    return copy.textContent.replace(/[\s\u2060]+/g, " ").trim();
  };

  // Every cell of a table at its row and column, whatever spans.
  const grid = (table) => {
    const rows = [];
    [...table.rows].forEach((row, down) => {
      rows[down] = rows[down] || [];
      let across = 0;
      for (const cell of row.cells) {
        while (rows[down][across]) across += 1;
        for (let y = down; y < Math.min(down + cell.rowSpan, table.rows.length); y += 1) {
          rows[y] = rows[y] || [];
          for (let x = across; x < across + cell.colSpan; x += 1) rows[y][x] = cell;
        }
      }
    });
    return rows;
  };

  const ofTable = (table) => {
    const rows = grid(table);
    const depth = table.tHead ? table.tHead.rows.length : 0;
    const head = (column) =>
      [...new Set(rows.slice(0, depth).map((row) => row[column]))].filter(Boolean).map((cell) => words(cell)).join("");
    const read = table.caption ? [{ element: table.caption, says: `表：${words(table.caption)}` }] : [];
    rows.slice(depth).forEach((row, index) => {
      const cells = row.filter((cell, column) => cell && row.indexOf(cell) === column);
      const says = cells.map((cell) => {
        const value = words(cell);
        if (!value) return "";
        return cell.tagName === "TH" ? value : `${head(row.indexOf(cell))} ${value}`.trim();
      });
      read.push({ element: table.rows[depth + index], says: says.filter(Boolean).join("，") });
    });
    return read;
  };

  const ofFigure = (figure) => {
    const caption = figure.querySelector("figcaption");
    const image = figure.querySelector("img");
    const said = caption ? words(caption) : "";
    const alternative = image ? image.alt.trim() : words(figure, `figcaption, ${SILENT}`);
    const says = said.includes(alternative) ? said : `${said}。${alternative}`;
    return [{ element: figure, says: `图：${says}` }];
  };

  const passages = () => {
    const found = [];
    const wanted = "h1, .lead-in p, .body :is(h2, h3, h4, h5, p, li, table, figure)";
    for (const element of begin.closest("article").querySelectorAll(wanted)) {
      if (element.closest(SILENT) || element.parentElement.closest("table, figure")) continue;
      if (element.tagName === "TABLE") found.push(...ofTable(element));
      else if (element.tagName === "FIGURE") found.push(...ofFigure(element));
      else found.push({ element, says: words(element, element.tagName === "LI" ? `p, ul, ol, table, figure, ${SILENT}` : SILENT) });
    }
    return found.filter((passage) => /[\p{L}\p{N}]/u.test(passage.says));
  };

  // Whole sentences as far as they fit, then parts of them, never a cut number.
  const split = (says) => {
    const parts = [];
    for (const sentence of says.match(/[^。！？；!?]+[。！？；!?]*[”’」』）)]*/gu) || [says]) {
      if (sentence.length <= MOST) parts.push(sentence);
      else for (const clause of sentence.match(/[^，、：,]+[，、：,]*/gu) || [sentence])
        parts.push(...(clause.length <= MOST ? [clause] : clause.match(/.{1,49}(?![\d.％%])|.+/gsu)));
    }
    const joined = [];
    for (const part of parts) {
      const last = joined.length - 1;
      if (last >= 0 && joined[last].length + part.length <= MOST) joined[last] += part;
      else joined.push(part);
    }
    return joined;
  };

  // Reading
  let list = [];
  let at = 0; // the passage
  let rest = []; // of its parts, the one that is spoken first
  let speaking = null; // kept, or Chrome forgets it and its end is never told
  let marked = null;
  let moved = 0; // when the reader last scrolled by hand
  let opener = begin;

  const mark = (element) => {
    if (marked) marked.classList.remove("aloud-now");
    marked = element;
    if (!element) return;
    element.classList.add("aloud-now");
    const box = element.getBoundingClientRect();
    const seen = box.top >= tools.top() && box.bottom <= innerHeight - bar.offsetHeight;
    if (!seen && Date.now() - moved > 4000) tools.show(element, box.height > innerHeight / 2 ? "start" : "center");
  };

  const hush = () => {
    speaking = null; // before cancel(): its end is not ours to follow any more
    engine.cancel();
  };

  const speak = () => {
    if (!rest.length) return go(at + 1);
    const spoken = new SpeechSynthesisUtterance(rest[0]);
    Object.assign(spoken, { voice, lang: voice.lang, rate: Number(rate.value) });
    spoken.onend = () => {
      if (speaking !== spoken) return;
      rest.shift();
      speak();
    };
    spoken.onerror = () => {
      if (speaking !== spoken) return;
      stop();
      tools.say("朗读中断了，可以再按“朗读”。");
    };
    speaking = spoken;
    engine.speak(spoken);
  };

  const isPaused = () => pause.getAttribute("aria-pressed") === "true";

  const again = () => {
    hush();
    if (!isPaused()) speak();
  };

  const go = (index) => {
    if (index >= list.length) {
      stop();
      tools.say("读完了。");
      return;
    }
    at = Math.max(0, index);
    rest = split(list[at].says);
    mark(list[at].element);
    again();
  };

  const start = (element, from) => {
    opener = from;
    list = passages();
    const index = list.findIndex(
      (passage) => passage.element === element || (element && element.contains(passage.element)),
    );
    bar.hidden = false;
    pause.setAttribute("aria-pressed", "false");
    pause.focus({ preventScroll: true });
    go(Math.max(0, index));
  };

  const stop = () => {
    const inside = bar.contains(document.activeElement);
    hush();
    mark(null);
    bar.hidden = true;
    if (inside) opener.focus({ preventScroll: true });
  };

  begin.addEventListener("click", () => {
    // At the head of the page the title comes first.
    const top = tools.text.getBoundingClientRect().top > tools.top();
    start(top ? document.querySelector("article h1") : tools.firstSeen(), begin);
  });
  document.addEventListener("read-aloud", (event) => start(event.detail, begin));
  pause.addEventListener("click", () => {
    pause.setAttribute("aria-pressed", String(!isPaused()));
    // Android takes pause() for cancel(): what was being said begins again instead.
    again();
  });
  for (const button of bar.querySelectorAll("[data-aloud-step]"))
    button.addEventListener("click", () => go(at + Number(button.dataset.aloudStep)));
  rate.addEventListener("change", again);
  bar.querySelector("[data-aloud-stop]").addEventListener("click", stop);
  bar.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    stop();
  });
  for (const name of ["wheel", "touchmove"])
    addEventListener(name, () => (moved = Date.now()), { passive: true });
  addEventListener("pagehide", hush);
  engine.cancel(); // what a page before this one left behind
}
