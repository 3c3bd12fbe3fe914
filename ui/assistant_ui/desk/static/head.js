// The top of a ticket: what it is, and what can be done with it beside its reply.

import { may } from "./api.js";
import * as afterwards from "./afterwards.js";
import * as decide from "./decide.js";
import { button, el, find, findAll, icon, renew } from "./dom.js";
import { CHANNEL, OPEN, STATUS, capital, countryName, disabled, due, languageName, moment } from "./words.js";

export function show(work) {
  const { ticket } = work;
  const title = ticket.subject || ticket.question;
  document.title = `${ticket.number} · ${title}`.slice(0, 80);
  find("#subject").textContent = title;
  find("#subject").lang = ticket.language;
  find("#facts").replaceChildren(...facts(work).map((fact) => el("li", {}, fact)));
  const { status, officer_id: officer, officer_disabled: gone, published, erased } = ticket;
  renew(find("#ticket-actions"), [status, officer, gone, published, erased], () => actions(work));
}

function facts({ ticket, mine }) {
  const { words, late } = due(ticket);
  const untilWhen = el(
    "span",
    { class: late ? "late" : "", title: moment(ticket.due_at) },
    late ? [icon("warning"), words] : `due ${words}`,
  );
  const officer = el("span", {}, "Officer: ", el("b", {}, mine ? "me" : ticket.officer), disabled(ticket));
  return [
    el("span", { class: `chip ${ticket.status}` }, STATUS[ticket.status]),
    el("span", { class: `priority ${ticket.priority}` }, `${capital(ticket.priority)} priority`),
    OPEN.includes(ticket.status) && untilWhen,
    ticket.countries.map(countryName).join(", "),
    languageName(ticket.language),
    CHANNEL[ticket.channel],
    ticket.officer ? officer : "No officer",
    ticket.undelivered && el("span", { class: "late" }, icon("warning"), "Last letter not delivered"),
    ticket.published && el("span", { class: "chip sent" }, "Published"),
  ].filter(Boolean);
}

function actions(work) {
  const { ticket, mine } = work;
  const works = may("work") && OPEN.includes(ticket.status);
  const settled = ticket.status === "sent" || ticket.status === "approved";
  const release = async () => {
    if (await work.save()) await work.act("/release");
  };
  const more = [
    may("work") && ["Note for colleagues", () => decide.note(work)],
    works && may("personal") && !ticket.erased && ["Change where the reply goes", () => decide.readdress(work)],
    works && ["Priority, due time, countries", () => decide.triage(work)],
    may("publish") && settled && !ticket.published && ["Publish as verified answer", () => afterwards.publish(work)],
    may("work") && settled && ["Keep as eval case", () => afterwards.keepCase(work)],
    may("erase") && !ticket.erased && ["Erase personal data", () => afterwards.erase(work)],
  ].filter(Boolean);
  const claim = ticket.officer_id ? `Take from ${ticket.officer}` : "Claim";
  return [
    works && !mine && (!ticket.officer_id || ticket.officer_disabled || may("oversee")) ? button(claim, () => work.act("/claim"), "primary") : "",
    works && mine ? button("Release", release) : "",
    more.length ? menu(more) : "",
  ];
}

function menu(entries) {
  const box = el("details", { class: "menu" }, el("summary", {}, "More"));
  const entry = ([label, act]) => {
    const chosen = () => {
      box.open = false;
      act();
    };
    return button(label, chosen, "entry");
  };
  box.append(el("div", { class: "entries" }, entries.map(entry)));
  return box;
}

/** A menu closes when one clicks elsewhere or presses Escape. */
document.addEventListener("click", ({ target }) => {
  for (const box of findAll("details.menu[open]")) if (!box.contains(target)) box.open = false;
});
document.addEventListener("keydown", ({ key }) => {
  if (key !== "Escape") return;
  for (const box of findAll("details.menu[open]")) {
    box.open = false;
    find("summary", box).focus();
  }
});
