// What is missing from the corpus: questions of one meaning that the sources did not answer.

import { get } from "./api.js";
import { el, find } from "./dom.js";
import { attempt, open } from "./shell.js";
import { ago, capital, countryName, languageName, plural } from "./words.js";

const days = find("#days");
const FIRST = 3; // questions shown before the rest is asked for

const counts = (found, name = (key) => key) =>
  Object.entries(found)
    .toSorted(([, one], [, two]) => two - one)
    .map(([key, count]) => `${name(key)} (${count})`)
    .join(", ");

function row(gap) {
  const [first, ...others] = gap.questions;
  const listed = (questions) =>
    el(
      "ul",
      { class: "questions" },
      questions.map((question) => el("li", { dir: "auto" }, question)),
    );
  return el(
    "li",
    { class: "card gap" },
    el("p", { class: "times" }, el("b", {}, gap.count.toLocaleString("en")), gap.count === 1 ? "time" : "times"),
    el(
      "div",
      {},
      el("h2", { dir: "auto" }, first),
      listed(others.slice(0, FIRST)),
      others.length > FIRST
        ? el("details", {}, el("summary", {}, `${others.length - FIRST} more`), listed(others.slice(FIRST)))
        : "",
      el(
        "dl",
        {},
        fact("Why", counts(gap.reasons, capital)),
        fact(
          "Countries",
          counts(gap.countries, (code) => (code === "none" ? "None named" : countryName(code))),
        ),
        fact("Languages", counts(gap.languages, languageName)),
        fact("Latest", ago(gap.latest)),
      ),
    ),
  );
}

const fact = (name, value) => (value ? el("div", {}, el("dt", {}, name), el("dd", {}, value)) : "");

async function load() {
  find("#count").textContent = "Grouping the questions…";
  await attempt(async () => {
    const found = await get(`/gaps?days=${days.value}`);
    find("#gaps").replaceChildren(...found.map(row));
    find("#count").textContent = found.length
      ? `${plural(found.length, "group")}, ${plural(
          found.reduce((sum, gap) => sum + gap.count, 0),
          "question",
        )}`
      : "";
    find("#empty").hidden = found.length > 0;
    find("#empty").textContent = "Nothing is missing: the sources answered whatever was asked in this period.";
  });
}

await open();
days.addEventListener("change", load);
await load();
