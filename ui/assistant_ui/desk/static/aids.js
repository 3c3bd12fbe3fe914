// Helps for writing a reply: the library of paragraphs, and the translation beside its sources.

import { get } from "./api.js";
import { dialog, el } from "./dom.js";
import { attempt } from "./shell.js";
import { STANDING, countryName, languageName, percent } from "./words.js";

export async function canned(work, insert) {
  let texts;
  if (
    !(await attempt(async () => {
      texts = await get("/canned");
    }))
  )
    return;
  const { language, countries } = work.ticket;
  const fit = (text) => (text.language === language) * 2 + (countries.includes(text.country) || !text.country) * 1;
  texts = texts.toSorted((one, two) => fit(two) - fit(one) || one.title.localeCompare(two.title));
  const search = el("input", {
    type: "search",
    "aria-label": "Search the paragraphs",
    placeholder: "Search",
    on: { input: () => list() },
  });
  const rows = el("ul", { class: "canned" });
  const shown = dialog("Insert a paragraph", el("div", { class: "stack" }, search, rows), { wide: true });
  const list = () => {
    const wanted = search.value.trim().toLocaleLowerCase();
    const found = texts.filter((text) => `${text.title} ${text.text}`.toLocaleLowerCase().includes(wanted));
    rows.replaceChildren(
      ...found.map((text) =>
        el(
          "li",
          {},
          el(
            "button",
            {
              type: "button",
              on: {
                click: () => {
                  shown.close();
                  insert(text.text);
                },
              },
            },
            el("b", { lang: text.language }, text.title),
            el(
              "small",
              {},
              [languageName(text.language), text.country && countryName(text.country)].filter(Boolean).join(" · "),
            ),
            el("span", { lang: text.language, dir: "auto" }, text.text),
          ),
        ),
      ),
    );
    if (!found.length)
      rows.append(
        el(
          "li",
          { class: "none" },
          texts.length
            ? "No paragraph has these words."
            : "There are no paragraphs yet: a lead adds them in the library.",
        ),
      );
  };
  list();
  search.focus();
}

export async function comparison(work) {
  let rows;
  if (
    !(await work.save()) ||
    !(await attempt(async () => {
      rows = await get(`${work.path}/comparison`);
    }))
  )
    return;
  const spoken = (row) =>
    work.ticket.reply.citations.find((each) => row.evidence.startsWith(each.quote))?.language ?? row.language;
  const facts = (found, kind) =>
    found.length
      ? el(
          "ul",
          { class: `fact-list ${kind}` },
          found.map((fact) => el("li", {}, String(fact))),
        )
      : el("span", { class: "faint" }, "none");
  const doubtful = (row) => row.differs.length || STANDING[row.standing].kind === "flagged";
  const body = rows.length
    ? el(
        "div",
        { class: "sheet" },
        el(
          "table",
          {},
          el(
            "thead",
            {},
            el(
              "tr",
              {},
              ["Reply", "What its source says", "Facts in both", "Facts that differ", "Same meaning"].map((name) =>
                el("th", { scope: "col" }, name),
              ),
            ),
          ),
          el(
            "tbody",
            {},
            rows.map((row) =>
              el(
                "tr",
                { class: doubtful(row) ? "warned" : "" },
                el("td", { lang: work.ticket.language, dir: "auto" }, row.text),
                row.evidence
                  ? el(
                      "td",
                      { lang: spoken(row), dir: "auto" },
                      row.evidence,
                      el("small", {}, ` ${languageName(spoken(row))}`),
                    )
                  : el("td", {}, "no source", el("small", {}, ` ${STANDING[row.standing].words}`)),
                el("td", {}, facts(row.same, "same")),
                el("td", {}, facts(row.differs, "differs")),
                el("td", {}, row.evidence ? percent(row.alike) : "–"),
              ),
            ),
          ),
        ),
      )
    : el("p", {}, "The reply has no sentences yet.");
  dialog(
    "Translate check",
    el(
      "div",
      {},
      el("p", {}, "Each sentence that goes out beside the words of its source, with the numbers, links and countries of both."),
      body,
    ),
    { wide: true },
  );
}
