// What an officer must know of a ticket while they work on it: others' changes, a service that is gone, new drafts.

import { me } from "./api.js";
import { besides } from "./compare.js";
import { button, copy, dialog, el } from "./dom.js";
import { banner, done, sentence, unbanner } from "./shell.js";
import { OPEN, did, moment } from "./words.js";
import { textOf } from "./work.js";

const dismissed = (name) => [button("Dismiss", () => unbanner(name), "quiet")];

export function failed(words) {
  banner("failed", "problem", sentence(words), dismissed("failed"));
}

/** A text that is too long is not saved, for as long as it is. */
export function length({ over, words }, { insist = false } = {}) {
  if (!over) unbanner("length");
  else if (insist) banner("length", "problem", `Not saved: ${words}`, dismissed("length"));
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

/** Another text, or ticket, stands where ours would go: who changed it, how, and what can be done. */
export function conflict(work, fresh) {
  const can = fresh.officer_id === me().id && OPEN.includes(fresh.status);
  const lines = since(work.ticket, fresh);
  const own = lines.length > 0 && lines.every(({ actor }) => actor === me().id);
  const settle = (keep) => () => {
    unbanner("conflict");
    work.decide(keep);
  };
  banner(
    "conflict",
    "problem",
    [
      el("b", {}, own ? "This ticket has changed. " : "Somebody else has changed this ticket. "),
      by(lines),
      " Your text is kept; nothing was overwritten.",
    ],
    [
      button("See both", () => both(work.text, fresh)),
      can
        ? button("Reload and keep my text", settle(true))
        : button("Copy my text", ({ target }) => copy(work.text, target)),
      button(can ? "Take the saved text" : "Go on without it", settle(false)),
    ],
  );
}

function both(mine, fresh) {
  const by = fresh.reply?.edited_by ? `, by ${fresh.reply.edited_by}` : "";
  dialog("Two versions of the reply", besides(mine, textOf(fresh), `Now saved${by}`), { wide: true });
}

/** The changes since a ticket was read, from its own history; else the last one. Who only read it changed nothing. */
function since(before, fresh) {
  const known = new Set(before.history.map((line) => line.id));
  const changes = fresh.history.filter((line) => did(line.action));
  const news = changes.filter((line) => !known.has(line.id));
  return news.length ? news : changes.slice(-1);
}

/** "Ana claimed it, 10:15; you, in another window, saved a reply, 10:20.", each thing that one did once. */
function by(lines) {
  const last = new Map(lines.map((line) => [`${line.actor} ${line.action}`, line]));
  const told = [...last.values()].map(({ actor, actor_name: name, action, at }) => {
    const who = actor === me().id ? "you, in another window," : name;
    return `${who} ${did(action)}, ${moment(at)}`;
  });
  return sentence(told.join("; "));
}

/** The ticket has changed, and nothing of ours stands against it. `said` is why something was refused. */
export function news(before, fresh, said, unsaved) {
  const count = ({ messages }) => messages.filter((message) => message.direction === "in").length;
  const moved = fresh.officer_id !== before.officer_id || fresh.status !== before.status;
  const wrote = count(fresh) > count(before);
  if (!said && !moved && !wrote) return;
  const changed = fresh.version !== before.version ? by(since(before, fresh)) : "";
  const words = [wrote && "The trader wrote again.", changed || sentence(said), "You see the ticket as it is now."];
  const kept = said && (unsaved ? "Your text is kept and not saved yet." : "What you wanted to do is still to be done.");
  banner("news", said ? "warning" : "info", [...words, kept].filter(Boolean).join(" "), dismissed("news"));
}
