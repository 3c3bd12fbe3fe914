// The reply's text and, sentence by sentence, how it stands to its sources.

import { el, find, findAll, icon, renew } from "./dom.js";
import { STANDING, plural } from "./words.js";

const area = find("#text");
const mirror = find("#editor .mirror");
const list = find("#sentences");
let placed = []; // sentences with where they stand in the text
let lit = null;

/** Calls `changed` with the text after every change, `pointed` with the markers of the sentence that is looked at. */
export function listen(changed, pointed) {
  area.addEventListener("input", () => changed(area.value));
  document.addEventListener("selectionchange", () => {
    if (document.activeElement !== area) return;
    const position = placed.findIndex(({ start, end }) => start <= area.selectionStart && area.selectionStart <= end);
    point(position < 0 ? null : position, pointed);
  });
  for (const [event, on] of [
    ["pointerover", true],
    ["focusin", true],
    ["pointerleave", false],
    ["focusout", false],
  ]) {
    list.addEventListener(event, ({ target }) => {
      const row = target.closest?.("[data-position]");
      point(on && row ? Number(row.dataset.position) : null, pointed);
    });
  }
  list.addEventListener("click", ({ target }) => {
    const found = placed[Number(target.closest("[data-position]")?.dataset.position)];
    if (!found) return;
    area.focus();
    area.setSelectionRange(found.start, found.start + found.sentence.text.length);
  });
}

function point(position, pointed) {
  if (position === lit) return;
  lit = position;
  findAll("[data-position]", list).forEach((row) =>
    row.classList.toggle("lit", Number(row.dataset.position) === position),
  );
  findAll("[data-part]", mirror).forEach((part) =>
    part.classList.toggle("lit", Number(part.dataset.part) === position),
  );
  pointed(position === null ? [] : placed[position].sentence.citations);
}

/** Marks the sentences that cite a source which is looked at. */
export function lightCiting(marker) {
  const citing = (position) => marker !== null && placed[position].sentence.citations.includes(marker);
  findAll("[data-position]", list).forEach((row) => row.classList.toggle("lit", citing(Number(row.dataset.position))));
  findAll("[data-part]", mirror).forEach((part) => part.classList.toggle("lit", citing(Number(part.dataset.part))));
}

/** Shows a text without moving the cursor of whoever is typing it. */
export function write(text, { editable, language }) {
  if (area.value !== text) area.value = text;
  area.readOnly = !editable;
  area.lang = language;
}

/** Puts words in at the cursor, set off by spaces, as if they had been typed. */
export function insert(words, { paragraph = false } = {}) {
  area.focus();
  const before = area.value.slice(0, area.selectionStart);
  const gap = !before || /\s$/.test(before) ? "" : paragraph ? "\n\n" : " ";
  area.setRangeText(gap + words, area.selectionStart, area.selectionEnd, "end");
  area.dispatchEvent(new Event("input", { bubbles: true }));
}

/** Shows how each sentence stands. `checked` is null while the text has not been checked yet. */
export function stand(sentences, checked) {
  placed = place(area.value, sentences);
  lit = null;
  paint();
  const flagged = sentences.filter((sentence) => STANDING[sentence.standing].kind === "flagged").length;
  find("#standing-sum").textContent = summary(sentences.length, flagged, checked);
  find("#standing-sum").className = !checked ? "faint" : flagged ? "warned" : "fine";
  renew(list, sentences, () => sentences.map(row));
  find("#standing").hidden = !sentences.length && checked;
}

function summary(count, flagged, checked) {
  if (!checked) return "Checking…";
  return flagged ? `${flagged} of ${plural(count, "sentence")} to look at` : count ? "Nothing to look at" : "";
}

function row(sentence, position) {
  const { kind, icon: shape, words } = STANDING[sentence.standing];
  const markers = sentence.citations.map((marker) => `[${marker}]`).join("");
  return el(
    "li",
    { data: { position }, class: kind },
    el(
      "button",
      { type: "button" },
      el(
        "span",
        { class: "said", dir: "auto" },
        sentence.text,
        markers ? el("span", { class: "markers" }, ` ${markers}`) : "",
      ),
      el("span", { class: "stands" }, icon(shape), words),
    ),
  );
}

/** Where each sentence stands, in order; one that is not found (the text has moved on) is left out of the painting. */
function place(text, sentences) {
  let from = 0;
  return sentences.map((sentence) => {
    const start = text.indexOf(sentence.text, from);
    if (start < 0) return { sentence, start: -1, end: -1 };
    let end = start + sentence.text.length;
    const markers = /^(\s*\[\d+\])+/.exec(text.slice(end));
    if (markers) end += markers[0].length;
    from = end;
    return { sentence, start, end };
  });
}

/** Behind the text: the same words, invisible, with what is flagged underlined. It also gives the box its height. */
export function paint() {
  const text = area.value;
  const parts = [];
  let from = 0;
  placed.forEach(({ sentence, start }, position) => {
    if (start < from || text.substr(start, sentence.text.length) !== sentence.text) return;
    parts.push(text.slice(from, start));
    from = start + sentence.text.length;
    parts.push(
      el("span", { class: STANDING[sentence.standing].kind, data: { part: position } }, text.slice(start, from)),
    );
  });
  mirror.replaceChildren(...parts, `${text.slice(from)}\n`);
}
