// The dialogs of a ticket: each asks for what one action needs and then does it.

import { get, may, post, remove } from "./api.js";
import { button, choose, confirm, copy, dialog, el, field, find, outward } from "./dom.js";
import { attempt, done } from "./shell.js";
import { REASONS, STANDING, capital, countryName, languageName, percent } from "./words.js";

/** A dialog with a form; `act` gets the form's fields and returns whether the dialog may close. */
function form(title, fields, yes, act, { kind = "primary", wide = false } = {}) {
  const body = el(
    "form",
    {
      class: "stack",
      on: {
        submit: async (event) => {
          event.preventDefault();
          send.disabled = true;
          if (await act(new FormData(body))) shown.close("done");
          send.disabled = false;
        },
      },
    },
    fields,
  );
  const send = el("button", { class: kind, type: "submit" }, yes);
  body.append(
    el(
      "div",
      { class: "buttons" },
      button("Cancel", () => shown.close(""), "quiet"),
      send,
    ),
  );
  const shown = dialog(title, body, { wide });
  find("textarea, select, input", body)?.focus();
  return shown;
}

export function flagged(sentences) {
  return confirm(
    "Send with sentences that are not supported?",
    el(
      "div",
      {},
      el(
        "p",
        {},
        "These sentences are not backed by what they cite. You may send them; they go out under the helpdesk's name.",
      ),
      el(
        "ul",
        { class: "flagged-list" },
        sentences.map((sentence) =>
          el(
            "li",
            {},
            el("p", { dir: "auto" }, sentence.text),
            el("p", { class: "why" }, STANDING[sentence.standing].words),
          ),
        ),
      ),
    ),
    "Send all the same",
    "danger",
  );
}

export function reject(work) {
  form(
    "Close without a reply",
    [
      el("p", {}, "The trader gets no reply. The reason counts in the figures."),
      field(
        "Reason",
        choose("reason", Object.fromEntries(REASONS.map((reason) => [reason, capital(reason)])), "out of scope"),
      ),
      field(
        "Comment",
        el("textarea", { name: "comment", rows: 3, maxLength: 2000 }),
        "(for colleagues; no personal data, please)",
      ),
    ],
    "Reject",
    (given) => work.act("/reject", { reason: given.get("reason"), comment: given.get("comment") }),
    { kind: "danger" },
  );
}

export function ask(work) {
  form(
    "Ask the trader",
    [
      el(
        "p",
        {},
        `The trader wrote in ${languageName(work.ticket.language)}. The ticket waits until they write again; disclaimer and ASSIST go with it.`,
      ),
      field(
        "Your question to the trader",
        el("textarea", {
          name: "text",
          rows: 5,
          required: true,
          maxLength: 20000,
          dir: "auto",
          lang: work.ticket.language,
        }),
      ),
    ],
    "Send the question",
    (given) => work.act("/ask", { text: given.get("text") }),
  );
}

export function note(work) {
  form(
    "Note for colleagues",
    [
      field(
        "Note",
        el("textarea", { name: "text", rows: 4, required: true, maxLength: 20000 }),
        "(never sent to the trader)",
      ),
    ],
    "Add the note",
    (given) => work.note(given.get("text")),
  );
}

export async function escalate(work) {
  let summary;
  if (
    !(await attempt(async () => {
      summary = await get(`${work.path}/assist`);
    }))
  )
    return;
  const copied = button("Copy the summary", ({ target }) => copy(summary.text, target));
  form(
    "Escalate to ASSIST",
    [
      el(
        "p",
        {},
        "ASSIST has no interface to file through: copy the summary, file it there, then close the ticket here. Nothing in it is made up; what the ticket does not say is missing.",
      ),
      el(
        "dl",
        { class: "case" },
        Object.entries(summary.fields).map(([name, value]) =>
          el(
            "div",
            { class: value === null ? "missing" : "" },
            el("dt", {}, capital(name.replaceAll("_", " "))),
            el("dd", { dir: "auto" }, value ?? "Missing: the ticket does not say"),
          ),
        ),
      ),
      summary.missing.length
        ? el(
            "p",
            { class: "hint warned" },
            `Ask the trader first, if ASSIST needs it: ${summary.missing.map((name) => name.replaceAll("_", " ")).join(", ")}.`,
          )
        : "",
      el("div", { class: "inline" }, copied, outward(summary.url, "Open ASSIST")),
    ],
    "Mark as escalated",
    () => work.act("/escalate"),
    { wide: true },
  );
}

export function triage(work) {
  const { ticket } = work;
  const codes = find("#ticket").dataset.countries.split(" ");
  const local = (at) => {
    const when = new Date(at);
    return new Date(when - when.getTimezoneOffset() * 60000).toISOString().slice(0, 16);
  };
  form(
    "Priority, due time, countries",
    [
      may("oversee")
        ? el(
            "div",
            { class: "pair" },
            field(
              "Priority",
              choose("priority", { low: "Low", normal: "Normal", high: "High", urgent: "Urgent" }, ticket.priority),
            ),
            field(
              "Due",
              el("input", { type: "datetime-local", name: "due", value: local(ticket.due_at), required: true }),
            ),
          )
        : "",
      el(
        "fieldset",
        { class: "field" },
        el("legend", {}, "Countries the question is about"),
        el(
          "div",
          { class: "ticks" },
          codes.map((code) =>
            el(
              "label",
              { class: "tick" },
              el("input", {
                type: "checkbox",
                name: "countries",
                value: code,
                checked: ticket.countries.includes(code),
              }),
              el("span", {}, countryName(code)),
            ),
          ),
        ),
      ),
    ],
    "Save",
    (given) => work.act("/triage", changed(ticket, given, local)),
  );
}

/** Only what was changed is sent, so that an officer is not refused for what only a lead may set. */
function changed(ticket, given, local) {
  const countries = given.getAll("countries");
  const sent = {};
  if (given.has("priority") && given.get("priority") !== ticket.priority) sent.priority = given.get("priority");
  if (given.has("due") && given.get("due") !== local(ticket.due_at))
    sent.due_at = new Date(given.get("due")).toISOString();
  if (countries.toSorted().join() !== ticket.countries.toSorted().join()) sent.countries = countries;
  return sent;
}

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
  const alike = (value) => (typeof value === "number" ? percent(value) : value === null ? "–" : value ? "Yes" : "No");
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
                { class: row.differs.length ? "warned" : "" },
                el("td", { lang: work.ticket.language, dir: "auto" }, row.text),
                el(
                  "td",
                  { lang: spoken(row), dir: "auto" },
                  row.evidence || "–",
                  row.evidence ? el("small", {}, ` ${languageName(spoken(row))}`) : "",
                ),
                el("td", {}, facts(row.same, "same")),
                el("td", {}, facts(row.differs, "differs")),
                el("td", {}, alike(row.alike)),
              ),
            ),
          ),
        ),
      )
    : el("p", {}, "No sentence of the reply cites a source.");
  dialog(
    "Translate check",
    el(
      "div",
      {},
      el("p", {}, "Each sentence beside the words of its source, with the numbers, dates and names of both."),
      body,
    ),
    { wide: true },
  );
}

export function publish(work) {
  form(
    "Publish as a verified answer",
    [
      el(
        "p",
        {},
        "The assistant will use this answer first for questions like it, and cite it as a helpdesk answer, until it expires or one of its sources changes.",
      ),
      field(
        "Question it answers",
        el("textarea", {
          name: "question",
          rows: 2,
          required: true,
          maxLength: 2000,
          dir: "auto",
          value: work.ticket.question,
        }),
        "(no personal data)",
      ),
      field(
        "Expires after",
        el("input", { type: "number", name: "days", value: "180", min: 1, max: 3650, required: true }),
        "(days)",
      ),
    ],
    "Publish",
    (given) =>
      attempt(async () => {
        await post(`${work.path}/publish`, {
          version: work.ticket.version,
          question: given.get("question"),
          days: Number(given.get("days")),
        });
        await work.refresh();
        done("Published: the assistant uses it from now on.");
      }),
  );
}

export async function keepCase(work) {
  await attempt(async () => {
    const { id } = await post(`${work.path}/case`, { version: work.ticket.version });
    await work.refresh();
    done(`Kept as eval case ${id}.`);
  });
}

export async function erase(work) {
  const sure = await confirm(
    "Erase personal data?",
    el(
      "p",
      {},
      "Contact, names and the trader's own words are deleted for good. The ticket, its reply and its history stay, without them.",
    ),
    "Erase",
    "danger",
  );
  if (sure)
    await attempt(async () => {
      await remove(`${work.path}/personal`);
      await work.refresh();
      done("Personal data were erased.");
    });
}
