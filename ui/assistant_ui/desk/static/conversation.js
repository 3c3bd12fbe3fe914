// What the trader wrote and was written, the contact, and what was done with the ticket.

import { el, find, icon, renew } from "./dom.js";
import { OUTCOME, action, detail, languageName, moment } from "./words.js";

const DELIVERY = {
  pending: "On its way",
  sending: "On its way",
  sent: "Sent by mail",
  link: "Waits under the trader's secret link",
  failed: "Could not be delivered",
};

export function show(ticket) {
  const { contact: from, erased, undelivered, messages, history } = ticket;
  renew(find("#contact"), [from, erased, undelivered], () => contact(ticket));
  renew(find("#messages"), [messages, from], () => messages.map((message) => row(message, ticket)));
  find("#history").hidden = !history.length;
  renew(find("#history ol"), history, () => history.toReversed().map(event));
}

function contact(ticket) {
  if (ticket.erased) return [el("p", { class: "faint" }, "Personal data were erased.")];
  if (!ticket.contact) {
    const why = ticket.has_contact ? "Your role does not show who wrote." : "Nobody left a name or an address.";
    return [el("p", { class: "faint" }, why)];
  }
  const { name, address } = ticket.contact;
  return [
    el("p", {}, name ? el("b", {}, name) : "", name && address ? " · " : "", address ?? ""),
    address ? "" : el("p", { class: "faint" }, "No address: the reply waits under the secret link."),
    ticket.undelivered
      ? el("p", { class: "late" }, "The last letter did not arrive. Change where the reply goes (under More), and approve it again.")
      : "",
  ];
}

function row(message, ticket) {
  const { direction } = message;
  const heading = { in: trader(message, ticket), out: answered(message), note: `${message.author}: note, not sent` }[
    direction
  ];
  const words = message.original ?? message.text;
  return el(
    "li",
    { class: `message ${direction}` },
    el("p", { class: "by" }, el("b", {}, heading), el("time", { dateTime: message.at }, moment(message.at))),
    el("p", { class: "prose", dir: "auto", lang: direction === "note" ? "en" : ticket.language }, words),
    redacted(message),
    message.attachments.length ? el("ul", { class: "attachments" }, message.attachments.map(attachment)) : "",
    message.delivery ? el("p", { class: `delivery ${message.delivery}` }, DELIVERY[message.delivery]) : "",
  );
}

const trader = (message, ticket) =>
  ticket.contact?.name || (message.author === "trader" || !message.author ? "Trader" : message.author);
const answered = ({ author, delivery }) =>
  delivery ? `${author || "Helpdesk"}, to the trader` : "Assistant, in the chat";

/** What the desk works with in place of the trader's own words, where the two differ. */
function redacted({ original, text, direction }) {
  if (direction !== "in" || original === null || original === text) return "";
  return el("details", {}, el("summary", {}, "Without personal data"), el("p", { class: "prose", dir: "auto" }, text));
}

function attachment({ name, size, media_type: type }) {
  const shown = size < 1_000_000 ? `${Math.max(1, Math.round(size / 1000))} kB` : `${(size / 1_000_000).toFixed(1)} MB`;
  return el("li", { title: `${type}: only its name is kept` }, icon("clip"), `${name} (${shown}, not kept)`);
}

function event(line) {
  return el(
    "li",
    {},
    el("span", {}, el("b", {}, action(line.action)), ` · ${line.actor_name}`),
    el("time", { dateTime: line.at }, moment(line.at)),
    Object.keys(line.detail ?? {}).length ? el("small", {}, detail(line.detail)) : "",
  );
}

export function decisions(ticket, compare) {
  return ticket.decisions.map((decision) =>
    el(
      "article",
      { class: "decision" },
      el(
        "p",
        {},
        el("b", {}, OUTCOME[decision.outcome]),
        decision.reason ? `: ${decision.reason}` : "",
        el("span", { class: "faint" }, ` · ${decision.by} · ${moment(decision.at)}`),
      ),
      decision.draft !== null && decision.sent !== null && decision.draft !== decision.sent
        ? el(
            "details",
            {},
            el("summary", {}, "Draft and what was sent, compared"),
            el("div", { class: "diff", dir: "auto", lang: ticket.language }, compare(decision.draft, decision.sent)),
          )
        : "",
    ),
  );
}

export const writtenIn = (ticket) => languageName(ticket.language);
