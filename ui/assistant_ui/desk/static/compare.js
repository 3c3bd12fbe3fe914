// Differences as elements: struck out and underlined, and said in words to those who do not see either.

import { difference } from "./diff.js";
import { el } from "./dom.js";

const TAGS = { removed: "del", added: "ins" };

export function changes(before, after) {
  if (before === after) return [el("p", { class: "hint" }, "Nothing: the text is as it was suggested.")];
  return difference(before, after).map(([kind, text]) =>
    kind === "same"
      ? document.createTextNode(text)
      : el(
          TAGS[kind],
          {},
          el("span", { class: "visually-hidden" }, kind === "added" ? "[added: " : "[removed: "),
          text,
          el("span", { class: "visually-hidden" }, "]"),
        ),
  );
}

/** Two versions beside each other, the second with what differs marked. */
export function besides(mine, theirs, theirName) {
  return el(
    "div",
    { class: "versions" },
    el("section", {}, el("h3", {}, "Your text"), el("p", { class: "prose", dir: "auto" }, mine)),
    el("section", {}, el("h3", {}, theirName), el("p", { class: "prose", dir: "auto" }, theirs)),
    el(
      "section",
      { class: "both" },
      el("h3", {}, "From theirs to yours"),
      el("div", { class: "diff", dir: "auto" }, changes(theirs, mine)),
    ),
  );
}
