// Login slips: copy.js copies and prints; what it has to say stands beside the slip's button.
"use strict";

const tools = {
  say: (words, button) => {
    button.parentElement.querySelector("[data-said]").textContent = words;
  },
};
