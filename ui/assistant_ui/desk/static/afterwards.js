// What can be done with a ticket beside its reply: publish it, keep it as an eval case, erase who wrote it.

import { post, remove } from "./api.js";
import { confirm, el, field } from "./dom.js";
import { form } from "./forms.js";
import { attempt, done } from "./shell.js";

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
          maxLength: 300,
          dir: "auto",
          value: work.ticket.question,
        }),
        "(no personal data)",
      ),
      field(
        "Expires after",
        el("input", { type: "number", name: "days", value: "180", min: 1, max: 730, required: true }),
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
        await work.again();
        done("Published: the assistant uses it as soon as its index is up to date.");
      }),
  );
}

export async function keepCase(work) {
  await attempt(async () => {
    const { id } = await post(`${work.path}/case`, { version: work.ticket.version });
    await work.again();
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
      await work.again();
      done("Personal data were erased.");
    });
}
