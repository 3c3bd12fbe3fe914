// A question that came by telephone or over the counter, entered by an officer.

import { may, post } from "./api.js";
import { button, copy, dialog, el, find } from "./dom.js";
import { limited } from "./forms.js";
import { sentence } from "./shell.js";

const LONGEST = 20000;

/** Lets whoever may enter a question do so; `made` is called once it is a ticket. */
export function byHand(made) {
  const box = find("#new-ticket");
  const entered = find("form", box);
  const problem = find(".problem", box);
  const question = find("[name=question]", entered);
  const [, length] = limited(question, LONGEST);
  question.after(length);
  find("#enter").hidden = !may("intake");
  find("#enter").addEventListener("click", () => box.showModal());
  find("[data-close]", box).addEventListener("click", () => box.close());
  entered.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      const receipt = await post("/tickets", ticketOf(new FormData(entered)));
      entered.reset();
      box.close();
      shownOnce(receipt);
      made();
    } catch (error) {
      problem.textContent = sentence(error.message);
      problem.hidden = false;
    }
  });
}

function ticketOf(entered) {
  return {
    question: entered.get("question"),
    subject: entered.get("subject"),
    language: entered.get("language") || null,
    countries: entered.getAll("countries"),
    channel: "desk",
    priority: entered.get("priority"),
    consent: entered.has("consent"),
    contact: { name: entered.get("name"), address: entered.get("address") || null },
  };
}

/** The trader's link: whoever has it reads the reply, and nobody else can tell it them again. */
function shownOnce({ number, link }) {
  const address = location.origin + link;
  const told =
    "Give this link to the trader: under it they read the reply, see how far it is, and write again. It is not shown again.";
  dialog(
    `Ticket ${number} was made`,
    el(
      "div",
      { class: "stack" },
      el("p", {}, told),
      el("p", { class: "token" }, el("code", {}, address)),
      el(
        "div",
        { class: "inline" },
        button("Copy the link", ({ target }) => copy(address, target), "primary"),
        el("a", { class: "button", href: `/desk/tickets/${number}` }, `Open ticket ${number}`),
      ),
    ),
  );
}
