// Where the reader is: shown as progress, kept for the next visit, found again after Back and
// reload (pages are no-store, so the browser itself forgets).
"use strict";

{
  const { text, blocks, store } = tools;
  const root = document.documentElement;
  const shown = document.querySelectorAll("[data-read]");
  const offer = document.querySelector("[data-resume]");
  const navigation = performance.getEntriesByType("navigation")[0];
  const returned = !!navigation && ["back_forward", "reload"].includes(navigation.type);

  // How much of the text has passed, from 0 to 1: all of it when its end is in the window.
  const share = () => {
    const box = text.getBoundingClientRect();
    const way = box.height - innerHeight;
    if (way <= 0) return box.bottom <= innerHeight ? 1 : 0;
    return Math.min(1, Math.max(0, -box.top / way));
  };

  const here = () => {
    const line = tools.top();
    let found = null;
    for (const block of blocks) {
      if (block.getBoundingClientRect().top > line) break;
      found = block;
    }
    return found;
  };

  // Progress
  let told = -1;
  let waiting = false;
  let moved = true;
  const tell = () => {
    waiting = false;
    moved = true;
    const now = Math.round(share() * 100);
    if (now === told) return;
    told = now;
    root.style.setProperty("--read", String(now / 100));
    for (const element of shown) element.textContent = `已读${now}%`;
  };
  const later = () => {
    if (!waiting) requestAnimationFrame(tell);
    waiting = true;
  };
  addEventListener("scroll", later, { passive: true });
  addEventListener("resize", later, { passive: true });

  // The exact spot, after Back and reload
  const remember = () => {
    if (!moved) return;
    moved = false;
    const block = here();
    store.set("spot", block ? `${block.id} ${block.getBoundingClientRect().top}` : ` ${-scrollY}`);
  };
  const find = () => {
    const [id, offset] = (store.get("spot") || "").split(" ");
    const block = document.getElementById(id);
    if (id && !block) return;
    const now = block ? block.getBoundingClientRect().top : -scrollY;
    scrollBy({ top: now - parseFloat(offset || "0"), behavior: "instant" });
  };
  let touched = false;
  if (returned && store.get("spot")) {
    history.scrollRestoration = "manual";
    find();
    // Once more after the browser's own ideas (an address with a #).
    addEventListener("load", () => requestAnimationFrame(() => touched || find()), { once: true });
  }

  // The place, for the next visit
  let seconds = 0;
  let kept = "";
  let held = false; // while the offer stands, and when the reader has put the article back
  let last = { index: Infinity, share: 100 }; // the place kept; all lies before an unknown one
  let stay = null; // before it: for how long, from where
  const at = (id) => blocks.findIndex((block) => block.id === id);
  const place = () => ({ block: here()?.id || "", share: Math.round(share() * 100) });
  // By paragraphs, for shares differ between windows; by share where the paragraph is gone.
  const isBack = ({ block, share: passed }) =>
    last.index < 0 ? passed < last.share : at(block) < last.index;
  const inTool = () => document.querySelector(".note-panel, [data-aloud-bar]:not([hidden])");

  // Going back counts after half a minute of reading on there, not by a glance or a tool.
  const dwell = () => {
    const now = place();
    if (held || inTool() || now.share < 3 || !isBack(now)) {
      stay = null;
      return;
    }
    if (!stay || scrollY < stay.top) stay = { top: scrollY, seconds: 0 };
    stay.seconds += 1;
  };
  const readsOn = () => !!stay && stay.seconds >= 30 && scrollY - stay.top > innerHeight / 4;

  const keep = (leaving) => {
    remember();
    // A glance is no reading; who has not moved gets longer before it counts as one.
    if (held || seconds < (touched ? 5 : 20)) return;
    const now = place();
    const found = JSON.stringify(now);
    if (found === kept) return;
    if (last.share >= 3 && now.share < 3) return;
    if (isBack(now) && !readsOn()) return;
    kept = found;
    const settle = () => (last = { index: at(now.block), share: now.share });
    if (leaving) {
      if (navigator.sendBeacon(tools.urls.place, tools.fields(now))) settle();
      return;
    }
    tools.send(tools.urls.place, now).then(
      () => {
        settle();
        if (now.share >= 95) document.dispatchEvent(new CustomEvent("reached-the-end"));
      },
      () => (kept = ""), // the next one tries again; nobody is disturbed for it
    );
  };
  const touch = ({ target }) => {
    if (target instanceof Element && target.closest(".tools, [data-strips], .note-panel")) stay = null;
    else touched = true;
  };
  for (const name of ["wheel", "touchmove", "keydown", "pointerdown"])
    addEventListener(name, touch, { passive: true, capture: true });
  setInterval(() => {
    if (document.visibilityState !== "visible") return;
    seconds += 1;
    dwell();
    if (offered && Math.abs(scrollY - offered.from) > innerHeight * 1.5) dismiss();
    if (seconds % 10 === 5) keep(false);
    else remember();
  }, 1000);
  addEventListener("pagehide", () => keep(true));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") keep(true);
  });
  document.addEventListener("marked", (event) => (held = !event.detail));

  // 接着读
  let offered = null;
  const dismiss = () => {
    if (!offered) return;
    const inside = offer.contains(document.activeElement);
    offered = null;
    offer.hidden = true;
    held = false;
    if (inside) document.getElementById("main").focus({ preventScroll: true });
  };
  tools.marks.then((marks) => {
    if (marks) last = { index: at(marks.block), share: marks.share };
    const block = marks && document.getElementById(marks.block);
    if (!block || returned || location.hash || marks.share < 3 || marks.share >= 95) return;
    if (share() * 100 >= marks.share) return;
    const before = blocks.slice(0, blocks.indexOf(block) + 1).reverse();
    const heading = before.find((found) => /^H[2-5]$/.test(found.tagName)) || block;
    offered = { block, from: scrollY };
    held = true;
    const words = `上次读到“${tools.opening(heading)}”（${marks.share}%）`;
    offer.querySelector("[data-resume-words]").textContent = words;
    offer.hidden = false;
    tools.whisper(words);
  });
  offer.querySelector("[data-go-on]").addEventListener("click", () => {
    const { block } = offered;
    dismiss();
    block.scrollIntoView({ block: "start", behavior: "instant" });
    block.tabIndex = -1;
    block.focus({ preventScroll: true });
  });
  offer.querySelector("[data-from-start]").addEventListener("click", () => {
    dismiss();
    scrollTo({ top: 0, behavior: "instant" });
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) dismiss();
  });

  tell();
}
