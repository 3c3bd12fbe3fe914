// What can be done with a ticket beside its reply: publish it, keep it as an eval case, erase who wrote it.

import { remove } from "./api.js";
import { confirm, dialog, el, field } from "./dom.js";
import { form, limited } from "./forms.js";
import { attempt, done } from "./shell.js";
import { day } from "./words.js";

const LONGEST_QUESTION = 300;
const LONGEST_DAYS = 730;
const DAY = 86_400_000;
const WHAT_FOR =
  "The assistant will use this answer first for questions like it, and cite it as a helpdesk answer, until it expires or one of its sources changes.";

/** What is published is shown as it will be, and changes with what is typed: sentences, question, last day. */
export function publish(work) {
  const { supported, others } = parts(work.ticket.reply);
  if (!supported.length) {
    const none = "No sentence of this reply follows from a source that it cites: there is nothing to publish.";
    dialog("Publish as a verified answer", el("p", {}, none));
    return;
  }
  const question = el("textarea", { name: "question", rows: 2, required: true, dir: "auto", value: work.ticket.question });
  const days = el("input", { type: "number", name: "days", value: "180", min: 1, max: LONGEST_DAYS, required: true });
  const asked = el("b", { dir: "auto", lang: work.ticket.language });
  const until = el("p", {});
  const show = () => {
    asked.textContent = question.value.trim().replaceAll(/\s+/g, " ");
    until.textContent = days.validity.valid ? `Used until ${day(Date.now() + days.value * DAY)}, then no more.` : "";
  };
  const preview = el(
    "section",
    { class: "preview", "aria-label": "What will be published" },
    el("h3", {}, "What will be published, for everybody to read"),
    el("p", {}, asked),
    sentences(supported, work.ticket),
    until,
    others.length ? el("p", { class: "hint" }, "Left out, since it follows from no source:") : "",
    others.length ? el("div", { class: "left" }, sentences(others, work.ticket)) : "",
  );
  form(
    "Publish as a verified answer",
    [
      el("p", {}, WHAT_FOR),
      field("Question it answers", limited(question, LONGEST_QUESTION), "(no personal data)"),
      field("Expires after", days, "(days)"),
      preview,
    ],
    "Publish",
    async (given) => {
      const wanted = { question: given.get("question"), days: Number(given.get("days")) };
      const made = await work.make("/publish", wanted);
      if (made) done("Published: the assistant uses it as soon as its index is up to date.");
      return Boolean(made);
    },
    { wide: true },
  ).addEventListener("input", show);
  show();
}

/** A reply's sentences: those that are published, as the service chooses them, and the others. */
function parts({ sentences: all }) {
  const published = ({ standing, citations }) => ["quoted", "follows"].includes(standing) && citations.length > 0;
  return { supported: all.filter(published), others: all.filter((each) => !published(each)) };
}

function sentences(shown, { reply, language }) {
  const sources = (each) => reply.citations.filter(({ marker }) => each.citations.includes(marker));
  const names = (each) => [...new Set(sources(each).map(({ title }) => title))].join("; ");
  return el(
    "ol",
    {},
    shown.map((each) => el("li", { dir: "auto", lang: language }, each.text, el("small", { lang: "en" }, names(each)))),
  );
}

export async function keepCase(work) {
  const made = await work.make("/case");
  if (made) done(`Kept as eval case ${made.id}.`);
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
      await work.again();
      done("Personal data were erased.");
    });
}
