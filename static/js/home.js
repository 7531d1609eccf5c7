"use strict";

// 继续阅读: the strip on the home page leads to where one left off. Its place is kept in the
// page, so that nothing moves when the answer comes; without one it stays as it is.
const strip = document.querySelector("[data-resume]");

async function fill() {
  const answer = await fetch(strip.dataset.resume, { headers: { Accept: "application/json" } });
  // Whoever was signed out meanwhile is sent to a page, not to an answer.
  if (!answer.ok || answer.redirected) return;
  const found = await answer.json();
  if (!found.url) return;
  strip.href = found.url;
  strip.classList.add("resume-found");
  strip.querySelector(".resume-what").textContent = "继续阅读";
  strip.querySelector(".resume-title span").textContent = found.title;
  strip.querySelector(".resume-place").textContent = `${found.issue}，读到${found.share}%`;
}

if (strip) fill().catch(() => {}); // no network: the strip leads to the list
