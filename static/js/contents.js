// The contents of an article follow the reader: the rail marks where one is, and on narrow windows
// a bar at the thumb says it and opens the contents. Without this file both are plain lists.
"use strict";

{
  const bar = document.querySelector(".dock");
  const rail = document.querySelector(".rail-wide");
  const body = document.querySelector(".body");
  const lists = [...document.querySelectorAll(".rail ol")].map((list) => [
    ...list.querySelectorAll("a"),
  ]);
  const headings = (lists[0] || []).map((link) => document.getElementById(link.hash.slice(1)));
  const here = bar && bar.querySelector(".dock-here");
  let marked = -1;
  let last = scrollY;

  const mark = () => {
    // The last heading that has passed the upper third of the window; at the foot, the last of all.
    let index = -1;
    headings.forEach((heading, at) => {
      if (heading && heading.getBoundingClientRect().top < innerHeight / 3) index = at;
    });
    if (scrollY > 0 && scrollY + innerHeight > document.documentElement.scrollHeight - 2) {
      index = headings.length - 1;
    }
    if (index === marked) return;
    for (const links of lists) {
      if (marked >= 0) links[marked].removeAttribute("aria-current");
      if (index >= 0) links[index].setAttribute("aria-current", "location");
    }
    if (rail && rail.scrollHeight > rail.clientHeight) {
      const link = lists[lists.length - 1][index];
      rail.scrollTop = link ? link.offsetTop - rail.clientHeight / 2 : 0;
    }
    if (here) here.textContent = index < 0 ? "" : lists[0][index].textContent;
    marked = index;
  };

  const place = () => {
    // Like a phone's own bars it goes while one reads on, and comes when one goes back a little.
    const moved = scrollY - last;
    if (Math.abs(moved) > 6) last = scrollY;
    const begun = body.getBoundingClientRect().top < innerHeight / 2;
    if (!begun) bar.classList.add("dock-away");
    else if (moved < -6) bar.classList.remove("dock-away");
    else if (moved > 6) bar.classList.add("dock-away");
  };

  const follow = () => {
    if (headings.length) mark();
    if (bar) place();
  };

  let waiting = false;
  const later = () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      follow();
    });
  };
  if (bar) {
    bar.classList.add("dock-away");
    bar.hidden = false;
    document.documentElement.classList.add("has-dock");
  }
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later, { passive: true });
  follow();
}
