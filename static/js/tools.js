// What the reading tools share: addresses, how a mark is sent, what the reader has marked
// already, and the line in which they say what happened.
"use strict";

const tools = (() => {
  const root = document.querySelector("[data-tools]");
  const line = document.querySelector("[data-said]");
  const token = root.querySelector("[name=csrfmiddlewaretoken]");
  const headers = { Accept: "application/json" };
  let fading = 0;
  // Out of the margin that sticks to the window, in which they could not lie upon the text.
  document.querySelector(".sheet header").after(line.parentElement);

  // A session that has ended answers with a redirect: that is a failure, not a page to follow.
  const ask = (url, options) => fetch(url, { headers, redirect: "manual", ...options });

  const fields = (values) => {
    const form = new FormData();
    form.set("csrfmiddlewaretoken", token.value);
    for (const [name, value] of Object.entries(values)) form.set(name, value);
    return form;
  };

  const send = async (url, values) => {
    let answer;
    try {
      answer = await ask(url, { method: "POST", body: fields(values) });
    } catch {
      answer = { ok: false };
    }
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    const said = answer.status === 400 ? (await answer.json()).error : "";
    throw new Error(said || "没有保存：网络不通，或登录已过期。请稍后再试。");
  };

  const say = (words) => {
    clearTimeout(fading);
    line.textContent = words;
    fading = setTimeout(() => (line.textContent = ""), 10000);
  };

  // For those who do not see what has appeared. A status is announced when it changes, not when
  // it comes.
  const whisper = (words) => {
    setTimeout(() => (document.querySelector("[data-whisper]").textContent = words), 100);
  };

  // Asked for when the text stands; null when there is no answer.
  const marks = new Promise((resolve) => {
    const look = () =>
      ask(root.dataset.marks)
        .then((answer) => (answer.ok ? answer.json() : null))
        .catch(() => null)
        .then(resolve);
    if (!root.dataset.marks) resolve(null); // only the title is online
    else if (document.readyState === "complete") look();
    else addEventListener("load", look, { once: true });
  });

  // Known paragraphs, in the order of reading. A block of a list or quotation that holds others
  // is left to them.
  const isBlock = (element) =>
    /^b[0-9a-z]{4,12}$/.test(element.id) && element.matches("h2, h3, h4, h5, p, li, table, figure");
  const text = document.querySelector(".body");
  const blocks = text
    ? [...text.querySelectorAll("[id]")].filter(
        (element) => isBlock(element) && !(element.tagName === "LI" && element.querySelector("p[id]")),
      )
    : [];

  // Below what sticks to the top of the window.
  const top = () => (parseFloat(getComputedStyle(document.documentElement).scrollPaddingTop) || 0) + 2;
  const firstSeen = () =>
    blocks.find((block) => block.getBoundingClientRect().bottom > top() + 20) || blocks[0];

  const opening = (block) => {
    const words = block.textContent.replace(/\s+/g, " ").trim();
    return words.length > 16 ? `${words.slice(0, 16)}…` : words;
  };

  // Where storage is closed to us nothing is kept, and nothing fails.
  const stored = (action) => {
    try {
      return action(sessionStorage);
    } catch {
      return null;
    }
  };
  const mine = `${root.dataset.reader} `;
  const key = (name) => `${mine}${root.dataset.tools} ${name}`;
  const store = {
    get: (name) => stored((kept) => kept.getItem(key(name))),
    set: (name, value) =>
      stored((kept) => (value ? kept.setItem(key(name), value) : kept.removeItem(key(name)))),
  };
  // On a shared computer the next reader in this tab finds nothing of this one.
  stored((kept) => {
    for (const name of Object.keys(kept)) if (!name.startsWith(mine)) kept.removeItem(name);
  });

  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const show = (element, where) =>
    element.scrollIntoView({ block: where, behavior: calm.matches ? "auto" : "smooth" });

  return {
    root, text, blocks, urls: root.dataset,
    fields, send, say, whisper, marks, isBlock, top, firstSeen, opening, store, show,
  };
})();
