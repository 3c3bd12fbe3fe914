// What an officer must know of a ticket while they work on it: others' changes, a service that is gone, new drafts.

import { me } from "./api.js";
import { besides } from "./compare.js";
import { button, copy, dialog, el } from "./dom.js";
import { banner, done, sentence, unbanner } from "./shell.js";
import { OPEN, STATUS, action, moment } from "./words.js";
import { textOf } from "./work.js";

const dismissed = (name) => [button("Dismiss", () => unbanner(name), "quiet")];

export function failed(words) {
  banner("failed", "problem", sentence(words), dismissed("failed"));
}

export function recovered() {
  const words = "Text that had not been saved is back: this browser tab had kept it.";
  banner("recovered", "info", words, dismissed("recovered"));
}

export function gone(pause, now) {
  const every = pause > 1000 ? ` every ${Math.round(pause / 1000)} seconds` : "";
  const kept = "The database does not answer; your text is kept in this page and in this browser tab.";
  banner("gone", "warning", `${kept} Trying again${every}…`, [button("Try now", now)]);
}

export function back({ saved, doing }) {
  unbanner("gone");
  const then = saved ? " Your text is saved." : "";
  const look = doing && !saved ? " Look whether what you did last was done, and do it again if not." : "";
  done(`The database answers again.${then}${look}`);
}

export function newDraft(text, suggestion) {
  dialog("Your text and the new draft", besides(text, suggestion.answer.text, "New draft"), { wide: true });
}

/** Somebody else's text, or ticket, stands where ours would go: who, what, and what to do. */
export function conflict(work, fresh, said) {
  const can = fresh.officer_id === me().id && OPEN.includes(fresh.status);
  const settle = (keep) => () => {
    unbanner("conflict");
    work.decide(keep);
  };
  banner(
    "conflict",
    "problem",
    [
      el("b", {}, "Somebody else has changed this ticket. "),
      said ? sentence(said) : since(work.ticket, fresh),
      " Your text is kept; nothing of theirs was overwritten.",
    ],
    [
      button("See both", () => both(work.text, fresh)),
      can
        ? button("Put mine in its place", settle(true))
        : button("Copy my text", ({ target }) => copy(work.text, target)),
      button(can ? "Take theirs" : "Go on without it", settle(false)),
    ],
  );
}

function both(mine, fresh) {
  const by = fresh.reply?.edited_by ? `, by ${fresh.reply.edited_by}` : "";
  dialog("Two versions of the reply", besides(mine, textOf(fresh), `Now saved${by}`), { wide: true });
}

/** What others did since, from the ticket's own history. */
function since(before, fresh) {
  const known = new Set(before.history.map((line) => line.id));
  const theirs = (line) => !known.has(line.id) && line.actor !== me().id && line.action !== "ticket.seen";
  const lines = fresh.history.filter(theirs);
  const told = lines.map((line) => `${line.actor_name}: ${action(line.action).toLowerCase()}, ${moment(line.at)}`);
  const who = fresh.reply?.edited_by ?? fresh.officer ?? "Somebody";
  return `${told.join("; ") || `${who} worked on it`}.`;
}

/** The ticket was changed by others, and nothing of ours stands against it. */
export function news(before, fresh, said) {
  const count = ({ messages }) => messages.filter((message) => message.direction === "in").length;
  const moved = fresh.officer_id !== before.officer_id || fresh.status !== before.status;
  if (!said && !moved && count(fresh) === count(before)) return;
  const state = `${STATUS[fresh.status].toLowerCase()}${fresh.officer ? `, ${fresh.officer}` : ""}`;
  const what = said ? sentence(said) : `This ticket has changed: ${state}.`;
  const words = count(fresh) > count(before) ? "The trader wrote again." : what;
  banner("news", "info", [words, " You see the ticket as it is now."], dismissed("news"));
}
