// The review of one ticket: puts its parts together and says what the officer needs to know.

import { Gone, get, may, me, post } from "./api.js";
import { besides, changes } from "./compare.js";
import * as conversation from "./conversation.js";
import * as decide from "./decide.js";
import { button, copy, dialog, el, find, icon } from "./dom.js";
import * as draft from "./draft.js";
import * as editor from "./editor.js";
import * as evidence from "./evidence.js";
import { banner, done, open, sentence, unbanner } from "./shell.js";
import {
  CHANNEL,
  OPEN,
  STANDING,
  STATUS,
  action,
  capital,
  clock,
  countryName,
  due,
  languageName,
  moment,
} from "./words.js";
import { Work, textOf } from "./work.js";

const CHECK_AFTER = 600;
const SAVE_AFTER = 4000;
const LOOK_EVERY = 20000;
const LOOK_FOR_DRAFT_EVERY = 3000;

const root = find("#ticket");
let checked = { text: null, sentences: [], citations: [] };
let checking;
let pending = false;
let saving;
let turn = 0;

const page = {
  shown: () => render(),
  changed() {
    render();
    later();
    clearTimeout(saving);
    if (work.editable)
      saving = setTimeout(() => {
        if (work.dirty && !work.rival && !work.waiting) work.save();
      }, SAVE_AFTER);
  },
  savedAt: (at) => {
    find("#saved")?.replaceChildren(`Saved at ${clock(at)}`);
  },
  failed: (words) =>
    banner("failed", "problem", sentence(words), [button("Dismiss", () => unbanner("failed"), "quiet")]),
  recovered: () =>
    banner("recovered", "info", "Text that had not been saved is back: this browser tab had kept it.", [
      button("Dismiss", () => unbanner("recovered"), "quiet"),
    ]),
  gone(pause) {
    banner(
      "gone",
      "warning",
      `The database does not answer; your text is kept in this page and in this browser tab. Trying again${pause > 1000 ? ` every ${Math.round(pause / 1000)} seconds` : ""}…`,
      [button("Try now", () => work.waiting?.(), "secondary")],
    );
  },
  back(saved) {
    unbanner("gone");
    later();
    done(saved ? "The database answers again. Your text is saved." : "The database answers again.");
  },
  conflict: (fresh, said) => conflict(fresh, said),
  news: (before, fresh, said) => news(before, fresh, said),
};
const work = new Work(Number(root.dataset.number), page);

// -- the whole page ----------------------------------------------------------------------------------------------

function render() {
  const { ticket } = work;
  head(ticket);
  conversation.show(ticket);
  find("#draft-line").replaceChildren(...draft.line(ticket));
  tools();
  editor.write(work.text, { editable: work.editable, language: ticket.language, citations: citations().length });
  find("#text-hint").replaceChildren(hint());
  evidence.show(citations(), {
    pointed: editor.lightCiting,
    add: work.editable ? (marker) => editor.insert(marker) : null,
  });
  draft.similar(ticket, work.editable ? (text) => editor.insert(text, { paragraph: true }) : null);
  standing();
  decisions(ticket);
  diff();
  bar();
  warn();
  alsoSent();
}

/** What goes out with every reply, in the trader's language. */
async function alsoSent() {
  const { language, status } = work.ticket;
  const box = find("#also-sent");
  box.hidden = ["rejected", "escalated"].includes(status);
  if (box.hidden || box.lang === language) return;
  box.lang = language;
  const said = await get(`/desk/wording/${encodeURIComponent(language)}`).catch(() => null);
  if (!said) {
    box.lang = "";
    return;
  }
  box.replaceChildren(
    el(
      "p",
      { class: "label", lang: "en" },
      OPEN.includes(status)
        ? "Sent with it, after the list of its sources"
        : "Was sent with it, after the list of its sources",
    ),
    el("p", { dir: "auto" }, said.disclaimer),
    el("p", { dir: "auto" }, said.assist_general, " ", el("span", {}, root.dataset.assist)),
  );
}

function citations() {
  if (checked.text !== null && checked.draft === work.draft) return checked.citations;
  const { reply, suggestion } = work.ticket;
  return reply?.draft_id === work.draft && reply ? reply.citations : (suggestion?.answer?.citations ?? []);
}

function head(ticket) {
  document.title = `${ticket.number} · ${ticket.subject || ticket.question}`.slice(0, 80);
  find("#subject").replaceChildren(ticket.subject || ticket.question);
  find("#subject").lang = ticket.language;
  const late = due(ticket);
  find("#facts").replaceChildren(
    ...[
      el("span", { class: `chip ${ticket.status}` }, STATUS[ticket.status]),
      el("span", { class: `priority ${ticket.priority}` }, `${capital(ticket.priority)} priority`),
      OPEN.includes(ticket.status)
        ? el(
            "span",
            { class: late.late ? "late" : "", title: moment(ticket.due_at) },
            late.late ? icon("warning") : "",
            late.late ? late.words : `due ${late.words}`,
          )
        : null,
      ticket.countries.map(countryName).join(", ") || null,
      languageName(ticket.language),
      CHANNEL[ticket.channel],
      ticket.officer ? el("span", {}, "Officer: ", el("b", {}, work.mine ? "me" : ticket.officer)) : "No officer",
      ticket.published ? el("span", { class: "chip sent" }, "Published") : null,
    ]
      .filter(Boolean)
      .map((fact) => el("li", {}, fact)),
  );
  find("#ticket-actions").replaceChildren(...actions(ticket));
}

function actions(ticket) {
  const isOpen = OPEN.includes(ticket.status);
  const settled = ticket.status === "sent" || ticket.status === "approved";
  const more = [
    may("work") && ["Note for colleagues", () => decide.note(work)],
    may("work") && isOpen && ["Priority, due time, countries", () => decide.triage(work)],
    may("publish") && settled && !ticket.published && ["Publish as verified answer", () => decide.publish(work)],
    may("work") && settled && ["Keep as eval case", () => decide.keepCase(work)],
    may("erase") && !ticket.erased && ["Erase personal data", () => decide.erase(work)],
  ].filter(Boolean);
  return [
    may("work") && isOpen && !work.mine && (!ticket.officer_id || may("oversee"))
      ? button(ticket.officer_id ? `Take from ${ticket.officer}` : "Claim", () => work.act("/claim"), "primary")
      : "",
    may("work") && isOpen && work.mine
      ? button("Release", async () => {
          if (await work.save()) await work.act("/release");
        })
      : "",
    more.length ? menu(more) : "",
  ];
}

function menu(entries) {
  const box = el(
    "details",
    { class: "menu" },
    el("summary", {}, "More"),
    el(
      "div",
      { class: "entries" },
      entries.map(([label, act]) =>
        button(
          label,
          () => {
            box.open = false;
            act();
          },
          "entry",
        ),
      ),
    ),
  );
  return box;
}

function tools() {
  const { ticket } = work;
  const tool = (label, act, shown) => (shown ? button(label, act, "quiet small") : "");
  const compared = pair() !== null;
  const diffing = !find("#changes").hidden;
  find("#tools").replaceChildren(
    tool(
      "Insert paragraph",
      () => decide.canned(work, (text) => editor.insert(text, { paragraph: true })),
      work.editable,
    ),
    tool("Translate check", () => decide.comparison(work), work.editable),
    compared
      ? button(diffing ? "Hide changes" : "Show changes", toggleDiff, "quiet small", {
          "aria-expanded": String(diffing),
        })
      : "",
    tool(
      "Insert what the assistant says",
      () => editor.insert(ticket.suggestion.answer.text, { paragraph: true }),
      work.editable && ticket.suggestion?.answer && !draft.usable(ticket.suggestion),
    ),
    tool("Make the draft anew", anew, work.editable && ticket.draft === "ready"),
  );
  find("#tools").hidden = !find("#tools").children.length;
}

function hint() {
  const { ticket } = work;
  if (work.editable)
    return `The trader writes ${languageName(ticket.language)}. A marker such as [1] after a sentence cites a source.`;
  if (!OPEN.includes(ticket.status)) return `This ticket is closed: ${STATUS[ticket.status].toLowerCase()}.`;
  if (!may("work")) return "Your role may read tickets, not answer them.";
  return ticket.officer_id
    ? `${ticket.officer} works on this ticket. You can read along.`
    : "Claim the ticket to edit and send the reply.";
}

function bar() {
  const box = find("#bar");
  box.hidden = !work.editable;
  if (!work.editable) return;
  if (!box.children.length) {
    box.replaceChildren(
      el(
        "div",
        {},
        button(["Approve and send", el("kbd", {}, "Ctrl ⏎")], approve, "primary", { id: "approve" }),
        button(["Save", el("kbd", {}, "Ctrl S")], () => work.save(), "secondary", { id: "save" }),
        el("span", { id: "saved", class: "saved", role: "status" }),
      ),
      el(
        "div",
        {},
        button("Ask the trader", () => decide.ask(work)),
        button("Escalate to ASSIST", () => decide.escalate(work)),
        button("Reject", () => decide.reject(work), "secondary danger-text"),
      ),
    );
  }
  find("#approve").disabled = !work.text.trim() || Boolean(work.rival);
  if (work.dirty) find("#saved").replaceChildren("Not saved yet");
  else if (find("#saved").textContent === "Not saved yet") find("#saved").replaceChildren("Saved");
}

function decisions(ticket) {
  const made = conversation.decisions(ticket, changes);
  find("#decisions").hidden = !made.length;
  find("#decisions").replaceChildren(el("h3", {}, "Decisions"), ...made);
}

// -- how the sentences stand -------------------------------------------------------------------------------------

function standing() {
  const { reply, suggestion } = work.ticket;
  if (checked.text === work.text) return editor.stand(checked.sentences, true);
  if (reply && reply.text === work.text) return editor.stand(reply.sentences, true);
  if (!may("work")) return editor.stand((suggestion?.answer?.sentences ?? []).map(asDrafted), true);
  editor.stand(checked.text === null ? [] : checked.sentences, false);
  if (checked.text !== work.text && !pending) later();
}

/** A draft's own account, for those who may not have it checked. */
const asDrafted = (each) => ({
  ...each,
  standing: each.standing ?? (each.supported === null ? "own words" : each.supported ? "follows" : "not in source"),
});

function later() {
  pending = true;
  clearTimeout(checking);
  checking = setTimeout(check, CHECK_AFTER);
}

async function check() {
  pending = false;
  const mine = ++turn;
  const { text, draft: draftId } = work;
  if (!text.trim()) return settleCheck({ text, draft: draftId, sentences: [], citations: citations() });
  if (!may("work") || work.rival) return;
  try {
    const reply = await post(`${work.path}/check`, { version: work.ticket.version, text, draft_id: draftId });
    if (mine === turn) settleCheck({ text, draft: draftId, sentences: reply.sentences, citations: reply.citations });
  } catch (error) {
    if (mine !== turn) return;
    if (error instanceof Gone) work.outage();
    else if (error.status === 409) await work.conflict(error.message);
    else find("#standing-sum").replaceChildren(`Not checked: ${error.message}`);
  }
}

function settleCheck(result) {
  checked = result;
  render();
}

// -- changes to the draft ----------------------------------------------------------------------------------------

/** [suggested, sent or about to be], where both are there. */
function pair() {
  const { ticket } = work;
  const last = ticket.decisions.findLast((each) => each.sent !== null && each.draft !== null);
  if (!OPEN.includes(ticket.status) && last) return [last.draft, last.sent];
  return draft.usable(ticket.suggestion) ? [ticket.suggestion.answer.text, work.text] : null;
}

function toggleDiff() {
  find("#changes").hidden = !find("#changes").hidden;
  tools();
  diff();
}

function diff() {
  const texts = pair();
  if (!texts) find("#changes").hidden = true;
  else if (!find("#changes").hidden) find("#changes .diff").replaceChildren(...changes(...texts));
}

// -- actions -----------------------------------------------------------------------------------------------------

let approving = false;

async function approve() {
  if (approving || !work.editable || !work.text.trim()) return;
  approving = true;
  try {
    await approved();
  } finally {
    approving = false;
  }
}

async function approved() {
  if (!(await work.save())) return;
  const flagged = work.ticket.reply.sentences.filter((each) => STANDING[each.standing].kind === "flagged");
  if (flagged.length && !(await decide.flagged(flagged))) return;
  if (await work.act("/approve")) {
    banner("sent", "success", "Approved. The reply goes out with the disclaimer and the way to ASSIST.", [
      el("a", { class: "button", href: "/desk/" }, "Back to the queue"),
    ]);
  }
}

async function anew() {
  if (await work.save()) await work.act("/suggest");
}

// -- what the officer must know ----------------------------------------------------------------------------------

function warn() {
  const said = draft.warning(work, { take: takeDraft, keep: keepText, again: anew, look: lookAtDraft });
  if (said) banner("draft", ...said);
  else unbanner("draft");
}

function takeDraft() {
  const { suggestion } = work.ticket;
  work.change(suggestion.answer.text, suggestion.id);
}

function keepText() {
  const { suggestion } = work.ticket;
  work.change(draft.remarked(work.text, citations(), suggestion.answer?.citations ?? []), suggestion.id);
  work.saved = null; // even the same text is saved again: it now belongs to the new draft
  work.save();
}

function lookAtDraft() {
  dialog("Your text and the new draft", besides(work.text, work.ticket.suggestion.answer.text, "New draft"), {
    wide: true,
  });
}

/** What somebody did since, from the ticket's own history. */
function since(fresh) {
  const known = new Set(work.ticket.history.map((line) => line.id));
  const lines = fresh.history.filter(
    (line) => !known.has(line.id) && line.actor !== me().id && line.action !== "ticket.seen",
  );
  return lines.map((line) => `${line.actor_name}: ${action(line.action).toLowerCase()}, ${moment(line.at)}`).join("; ");
}

function conflict(fresh, said) {
  const theirs = textOf(fresh);
  const who = fresh.reply?.edited_by ?? fresh.officer ?? "Somebody else";
  const what = said ? sentence(said) : `${since(fresh) || `${who} has changed this ticket`}.`;
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
      what,
      " Your text is kept; nothing of theirs was overwritten.",
    ],
    [
      button("See both", () =>
        dialog(
          "Two versions of the reply",
          besides(work.text, theirs, `Now saved${fresh.reply?.edited_by ? `, by ${fresh.reply.edited_by}` : ""}`),
          { wide: true },
        ),
      ),
      can
        ? button("Put mine in its place", settle(true))
        : button("Copy my text", ({ target }) => copy(work.text, target)),
      button(can ? "Take theirs" : "Go on without it", settle(false)),
    ],
  );
  editor.write(work.text, { editable: false, language: fresh.language, citations: 0 });
  bar();
}

function news(before, fresh, said) {
  const added =
    fresh.messages.filter((message) => message.direction === "in").length >
    before.messages.filter((message) => message.direction === "in").length;
  const what = added ? "The trader wrote again." : said ? sentence(said) : "";
  if (!what && fresh.officer_id === before.officer_id && fresh.status === before.status) return;
  banner(
    "news",
    "info",
    [
      what ||
        `This ticket has changed: ${STATUS[fresh.status].toLowerCase()}${fresh.officer ? `, ${fresh.officer}` : ""}.`,
      " You see it as it is now.",
    ],
    [button("Dismiss", () => unbanner("news"), "quiet")],
  );
}

// -- start -------------------------------------------------------------------------------------------------------

function keys(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "s") {
    event.preventDefault();
    if (work.editable) work.save();
  }
  if (event.key === "Enter") {
    event.preventDefault();
    approve();
  }
}

async function look() {
  const needless = !work.mine && work.ticket.draft === "ready"; // nobody is told of what they only read
  if (document.hidden || work.waiting || work.rival || needless) return;
  try {
    await (work.mine && work.ticket.draft === "ready" ? work.look() : work.refresh());
  } catch (error) {
    if (error instanceof Gone) work.outage();
  }
}

await open();
try {
  await work.open();
  root.hidden = false;
  editor.paint();
} catch (error) {
  find("#missing").hidden = false;
  find("#missing").replaceChildren(
    el("b", {}, sentence(error.message)),
    " ",
    el("a", { href: "/desk/" }, "Back to the queue"),
  );
  throw error;
}
editor.listen((text) => work.change(text), evidence.light);
document.addEventListener("keydown", keys);
addEventListener("beforeunload", (event) => {
  if (work.dirty) event.preventDefault();
});
setInterval(look, LOOK_EVERY);
setInterval(() => {
  if (work.ticket.draft !== "ready") look();
}, LOOK_FOR_DRAFT_EVERY);
