// The decisions on a ticket: each dialog asks for what one needs and then does it.

import { get, may } from "./api.js";
import { button, choose, confirm, copy, el, field, outward } from "./dom.js";
import { form, limited } from "./forms.js";
import { attempt } from "./shell.js";
import { COUNTRIES, REASONS, STANDING, capital, countryName, languageName } from "./words.js";

export function flagged(sentences) {
  return confirm(
    "Send with sentences that are not supported?",
    el(
      "div",
      {},
      el(
        "p",
        {},
        "These sentences name no source, or are not backed by what they cite. You may send them; they go out under the helpdesk's name.",
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
        limited(el("textarea", { name: "comment", rows: 3 }), 2000),
        "(for colleagues; no personal data, please)",
      ),
    ],
    "Reject",
    (given) => work.close("/reject", { reason: given.get("reason"), comment: given.get("comment") }),
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
        limited(
          el("textarea", { name: "text", rows: 5, required: true, dir: "auto", lang: work.ticket.language }),
          20000,
        ),
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
        limited(el("textarea", { name: "text", rows: 4, required: true }), 20000),
        "(never sent to the trader)",
      ),
    ],
    "Add the note",
    (given) => work.note(given.get("text")),
  );
}

export function readdress(work) {
  const { name, address } = work.ticket.contact ?? { name: "", address: "" };
  form(
    "Where the reply goes",
    [
      el("p", {}, "As the trader has told you since: they agreed that this address is kept to send the reply."),
      field("Name", el("input", { name: "name", maxLength: 100, autocomplete: "off", value: name }), "(optional)"),
      field(
        "E-mail",
        el("input", { name: "address", type: "email", maxLength: 254, autocomplete: "off", value: address ?? "" }),
        "(without one the reply waits under the secret link)",
      ),
    ],
    "Save",
    (given) => work.act("/contact", { contact: { name: given.get("name"), address: given.get("address") || null } }),
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
    () => work.close("/escalate"),
    { wide: true },
  );
}

export function triage(work) {
  const { ticket } = work;
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
          Object.keys(COUNTRIES).map((code) =>
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
