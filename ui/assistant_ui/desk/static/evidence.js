// What a reply rests on: each citation's passage with the quoted words marked, and who says it.

import { get } from "./api.js";
import { button, el, find, findAll, outward } from "./dom.js";
import { capital, languageName } from "./words.js";

const AROUND = 220; // characters of a passage shown before and after the quote
const list = find("#evidence");
const passages = new Map();
let shown = "";

/** Shows these citations; `pointed` is told which one is looked at, `add` puts its marker into the reply. */
export function show(citations, { pointed, add }) {
  const key = JSON.stringify([citations, Boolean(add)]);
  if (key === shown) return;
  shown = key;
  list.replaceChildren(...citations.map((citation) => card(citation, pointed, add)));
  if (!citations.length)
    list.append(el("li", { class: "none" }, "No source is cited. What the reply states rests on the officer alone."));
}

/** Marks the cards of these markers and brings the first into view. */
export function light(markers) {
  const cards = findAll("[data-marker]", list);
  cards.forEach((each) => each.classList.toggle("lit", markers.includes(Number(each.dataset.marker))));
  const first = cards.find((each) => each.classList.contains("lit"));
  const column = find("#right");
  if (first && column.scrollHeight > column.clientHeight)
    column.scrollTo({ top: first.offsetTop - column.offsetTop - 48 });
}

function card(citation, pointed, add) {
  const on = () => {
    light([citation.marker]);
    pointed(citation.marker);
  };
  const off = () => {
    light([]);
    pointed(null);
  };
  const quote = el("blockquote", { lang: citation.language, dir: "auto" }, quoted(citation.quote, citation));
  fill(quote, citation);
  return el(
    "li",
    {
      class: "source",
      tabIndex: 0,
      data: { marker: citation.marker },
      "aria-label": `Source ${citation.marker}: ${citation.title}`,
      on: { pointerenter: on, pointerleave: off, focusin: on, focusout: off },
    },
    el("h3", {}, el("span", { class: "number" }, String(citation.marker)), el("span", { dir: "auto" }, citation.title)),
    el(
      "p",
      { class: "section", dir: "auto" },
      [citation.section, citation.page && `page ${citation.page}`].filter(Boolean).join(" · "),
    ),
    quote,
    el("p", { class: "origin", dir: "auto" }, origin(citation)),
    el(
      "dl",
      {},
      fact("Standing", standing(citation)),
      citation.language === "en" ? "" : fact("Language", languageName(citation.language)),
    ),
    el(
      "div",
      { class: "foot" },
      outward(citation.url, "Open the source") ?? el("span", { class: "faint" }, "The source's address is not known"),
      add
        ? button(`Cite [${citation.marker}]`, () => add(`[${citation.marker}]`), "quiet small", {
            title: "Put this marker at the cursor",
          })
        : "",
    ),
  );
}

/** Quotation marks belong to the source's own words alone. */
const quoted = (words, { wording }) => (wording === "verbatim" ? ["“", el("mark", {}, words), "”"] : [el("mark", {}, words)]);

function origin({ wording, publisher, as_of }) {
  const whose = wording === "verbatim" ? "Quoted from" : "Our restatement of";
  return `${whose} ${publisher}, ${as_of ? `as of ${as_of}` : "undated"}`;
}

const standing = ({ authority, binding }) => `${capital(authority)}, ${binding ? "binding" : "non-binding"}`;
const fact = (name, value) => el("div", {}, el("dt", {}, name), el("dd", { dir: "auto" }, value));

/** The passage around the quote. Offsets count code points, as Python does, so the text is cut as an array of them. */
async function fill(quote, citation) {
  const { passage_id: id, start, end } = citation;
  if (!passages.has(id))
    passages.set(
      id,
      get(`/v1/passages/${encodeURIComponent(id)}`).catch(() => {
        passages.delete(id);
        return null;
      }),
    );
  const passage = await passages.get(id);
  if (!passage) return quote.after(el("p", { class: "hint" }, "The passage around these words could not be read."));
  const points = Array.from(passage.text);
  if (points.slice(start, end).join("") !== citation.quote) {
    return quote.after(el("p", { class: "hint warned" }, "The source has changed: these words no longer stand there."));
  }
  around(quote, points, citation, AROUND);
}

function around(quote, points, citation, room) {
  const { start, end } = citation;
  const from = start > room ? start - room : 0;
  const to = points.length - end > room ? end + room : points.length;
  const cut = from > 0 || to < points.length;
  quote.replaceChildren(
    from ? "… " : "",
    points.slice(from, start).join(""),
    ...quoted(points.slice(start, end).join(""), citation),
    points.slice(end, to).join(""),
    to < points.length ? " …" : "",
    cut ? button("Whole passage", () => around(quote, points, citation, Infinity), "link") : "",
  );
}
