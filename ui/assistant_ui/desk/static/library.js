// The library: paragraphs for replies, and answers that were published.

import { get, may, post, remove } from "./api.js";
import { button, confirm, el, field, find } from "./dom.js";
import { form, limited } from "./forms.js";
import { attempt, done, open } from "./shell.js";
import { capital, countryName, day, languageName, plural } from "./words.js";

const STATE = {
  serving: "In use",
  expired: "Expired",
  withdrawn: "Withdrawn",
  "source changed": "A source has changed",
};
let texts = [];

const said = (box, count, words) => {
  box.hidden = count > 0;
  box.textContent = words;
};

function canned() {
  const wanted = find("#search").value.trim().toLocaleLowerCase();
  const found = texts.filter((text) => `${text.title} ${text.text}`.toLocaleLowerCase().includes(wanted));
  find("#canned-count").textContent = plural(texts.length, "paragraph");
  find("#canned").replaceChildren(
    ...found.map((text) =>
      el(
        "tr",
        {},
        el("td", { class: "long", lang: text.language, dir: "auto" }, el("b", {}, text.title)),
        el("td", { class: "prose long", lang: text.language, dir: "auto" }, text.text),
        el(
          "td",
          {},
          languageName(text.language),
          text.country ? el("small", { class: "line" }, countryName(text.country)) : "",
        ),
        el(
          "td",
          { class: "end" },
          may("oversee")
            ? button("Delete", () => take(text), "quiet small", { "aria-label": `Delete ${text.title}` })
            : "",
        ),
      ),
    ),
  );
  said(
    find("#canned-empty"),
    found.length,
    texts.length ? "No paragraph has these words." : "There are no paragraphs yet.",
  );
}

async function take(text) {
  if (
    !(await confirm(
      "Delete this paragraph?",
      el("p", { class: "prose", lang: text.language }, text.text),
      "Delete",
      "danger",
    ))
  )
    return;
  if (await attempt(() => remove(`/canned/${text.id}`))) await load();
}

function add() {
  const options = (name) => [...find(`#${name}`).content.cloneNode(true).children];
  const title = el("input", { name: "title", required: true, maxLength: 120, dir: "auto" });
  const text = el("textarea", { name: "text", rows: 6, required: true, dir: "auto" });
  const language = el("select", { name: "language" }, options("languages"));
  const country = el("select", { name: "country" }, options("countries"));
  const about = el("div", { class: "pair" }, field("Language", language), field("Country", country));
  form("Add a paragraph", [field("Title", title), field("Text", limited(text, 4000)), about], "Add", () =>
    attempt(async () => {
      const chosen = { language: language.value, country: country.value || null };
      await post("/canned", { title: title.value, text: text.value, ...chosen });
      done("The paragraph was added.");
      await load();
    }),
  );
}

function verified(found) {
  find("#verified-count").textContent = plural(found.length, "answer");
  find("#verified").replaceChildren(
    ...found.map((answer) =>
      el(
        "tr",
        {},
        el(
          "td",
          { class: "long" },
          el("b", { lang: answer.language, dir: "auto" }, answer.question),
          el(
            "details",
            {},
            el("summary", {}, "Answer"),
            el("p", { class: "prose", lang: answer.language, dir: "auto" }, answer.text),
          ),
          el("small", {}, [languageName(answer.language), ...answer.countries.map(countryName)].join(" · ")),
        ),
        el(
          "td",
          {},
          el("span", { class: `chip ${answer.state.replace(" ", "-")}` }, STATE[answer.state] ?? capital(answer.state)),
        ),
        el("td", { class: "nowrap" }, day(answer.expires_on)),
        el(
          "td",
          { class: "nowrap" },
          day(answer.published_at),
          el("small", { class: "line" }, answer.published_by),
          el("a", { href: `/desk/tickets/${answer.number}` }, `No. ${answer.number}`),
        ),
        el(
          "td",
          { class: "end" },
          may("publish") && answer.state !== "withdrawn"
            ? button("Withdraw", () => withdraw(answer), "quiet small", {
                "aria-label": `Withdraw the answer of ticket ${answer.number}`,
              })
            : "",
        ),
      ),
    ),
  );
  said(
    find("#verified-empty"),
    found.length,
    "Nothing has been published yet. A lead publishes an answer from its ticket, once it was sent.",
  );
}

async function withdraw(answer) {
  const sure = await confirm(
    "Withdraw this answer?",
    el("p", {}, "The assistant stops using it within some seconds, once its index is up to date; the ticket stays as it is."),
    "Withdraw",
    "danger",
  );
  if (sure && (await attempt(() => remove(`/verified/${encodeURIComponent(answer.id)}`)))) await load();
}

async function load() {
  await attempt(async () => {
    const [paragraphs, answers] = await Promise.all([get("/canned"), get("/verified")]);
    texts = paragraphs;
    canned();
    verified(answers);
  });
}

await open();
find("#add").hidden = !may("oversee");
find("#add").addEventListener("click", add);
find("#search").addEventListener("input", canned);
await load();
