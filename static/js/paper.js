// On paper every page says above the text what it is: only a script can give a title to a
// page's margin (CSS Paged Media, section 4). Otherwise the periodical's name stands there.
"use strict";

{
  const imprint = document.querySelector("[data-running]");
  const quoted = (text) => `"${text.replace(/["\\]/g, "\\$&").replace(/\s+/g, " ")}"`;
  if (imprint && "adoptedStyleSheets" in document) {
    const title = imprint.dataset.running;
    const shown = title.length > 38 ? `${title.slice(0, 37)}…` : title;
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(
      `@page { @top-left { content: ${quoted(imprint.dataset.issue)} } @top-right { content: ${quoted(shown)} } }`,
    );
    document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
  }
}
