// What the assistant suggested: how sure it is, why there is nothing, what was answered before, what has changed since.

import { button, el, find } from "./dom.js";
import { ago, percent } from "./words.js";

const STALE = { message: "The trader wrote again", source: "A source has changed" };

/** Whether there is something to send: an answer that is no refusal. */
export const usable = (suggestion) => Boolean(suggestion?.answer) && !suggestion.reason;

/** One line above the editor. */
export function line(ticket) {
  const { suggestion } = ticket;
  if (ticket.draft !== "ready") return ["A draft is being made…"];
  if (!suggestion) return ["There is no draft."];
  if (!usable(suggestion)) return [el("b", {}, "No draft: "), suggestion.reason ?? "the sources did not answer"];
  const { confidence } = suggestion.answer;
  return [
    el(
      "span",
      { class: "meter", role: "img", "aria-label": `Confidence ${percent(confidence)}` },
      el("i", { class: `level-${Math.round(confidence * 10)}` }),
    ),
    el("b", {}, `Confidence ${percent(confidence)}`),
    ` · drafted ${ago(suggestion.made_at)}`,
  ];
}

/** What must be said about drafts at the top of the page: [kind, words, buttons], or null. */
export function warning(work, { take, keep, again, look }) {
  const { ticket } = work;
  const { suggestion } = ticket;
  const stale = suggestion?.stale ?? ticket.stale;
  if (!work.editable) return stale ? ["warning", `${STALE[stale]} after this draft was made.`, []] : null;
  if (ticket.draft !== "ready")
    return suggestion
      ? [
          "info",
          `${stale ? STALE[stale] : "The draft is out of date"}: a new draft is being made. Your text stays as it is.`,
          [],
        ]
      : null;
  if (suggestion && work.draft !== suggestion.id && work.text.trim())
    return newer(suggestion, stale, { take, keep, look });
  return stale
    ? [
        "warning",
        `${STALE[stale]}: this reply cannot go out before there is a new draft.`,
        [button("Make the draft anew", again)],
      ]
    : null;
}

function newer(suggestion, stale, { take, keep, look }) {
  const why = stale ? `${STALE[stale]}. ` : "";
  if (!usable(suggestion))
    return [
      "warning",
      `${why}The assistant has no new draft for it. Look at your text again before it goes out.`,
      [button("Keep my text", keep)],
    ];
  return [
    "warning",
    `${why}There is a new draft; your text came from an earlier one.`,
    [button("Compare", look, "quiet"), button("Take the new draft", take), button("Keep my text", keep)],
  ];
}

/** A text whose markers count the citations of one draft, for those of another; markers of sources that are gone go. */
export function remarked(text, before, after) {
  const renamed = new Map(
    before.map((old) => {
      const same =
        after.find((each) => each.passage_id === old.passage_id && each.start === old.start) ??
        after.find((each) => each.passage_id === old.passage_id);
      return [old.marker, same?.marker];
    }),
  );
  return text.replace(/\s?\[(\d+)\]/g, (whole, marker) => {
    const now = renamed.get(Number(marker));
    return now ? whole.replace(marker, now) : "";
  });
}

/** Replies to questions like this one. */
export function similar(ticket, insert) {
  const found = ticket.suggestion?.similar ?? [];
  find("#similar").hidden = !found.length;
  return [
    el("h2", {}, "Similar past replies"),
    ...found.map((each) =>
      el(
        "details",
        {},
        el(
          "summary",
          {},
          el("span", { dir: "auto" }, each.question),
          el("small", {}, `No. ${each.number} · ${percent(each.alike)} alike${each.published ? " · published" : ""}`),
        ),
        el("p", { class: "prose", dir: "auto" }, each.text),
        el(
          "div",
          { class: "foot" },
          el("a", { href: `/desk/tickets/${each.number}` }, `Open No. ${each.number}`),
          insert ? button("Insert its text", () => insert(each.text), "quiet small") : "",
        ),
      ),
    ),
  ];
}
