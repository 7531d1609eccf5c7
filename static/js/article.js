// The contents of an article follow the reader: the sheet of phones stays at hand and closes
// after a choice, the rail of wide screens marks where one is. Without this file both are lists.
"use strict";

const sheet = document.querySelector(".rail-sheet");
if (sheet) {
  sheet.classList.add("follows");
  sheet.addEventListener("click", (event) => {
    if (event.target.closest("a")) sheet.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && sheet.open) {
      sheet.open = false;
      sheet.querySelector("summary").focus();
    }
  });
}

const rail = document.querySelector(".rail-wide");
if (rail) {
  const links = [...rail.querySelectorAll("a")];
  const headings = links.map((link) => document.getElementById(link.hash.slice(1)));
  let marked = null;

  const mark = () => {
    // The last heading that has passed the upper third of the window.
    const line = window.innerHeight / 3;
    let index = -1;
    headings.forEach((heading, at) => {
      if (heading && heading.getBoundingClientRect().top < line) index = at;
    });
    const link = links[index] || null;
    if (link === marked) return;
    if (marked) marked.removeAttribute("aria-current");
    if (link) {
      link.setAttribute("aria-current", "location");
      const top = link.offsetTop - rail.clientHeight / 2;
      if (rail.scrollHeight > rail.clientHeight) rail.scrollTop = top;
    }
    marked = link;
  };

  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later, { passive: true });
  mark();
}
