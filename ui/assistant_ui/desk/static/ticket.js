// The review of one ticket: puts its parts together.

import * as aids from "./aids.js";
import { Gone, get, may } from "./api.js";
import * as checking from "./checking.js";
import { changes } from "./compare.js";
import * as conversation from "./conversation.js";
import * as decide from "./decide.js";
import { button, el, find, renew } from "./dom.js";
import * as draft from "./draft.js";
import * as editor from "./editor.js";
import * as evidence from "./evidence.js";
import * as head from "./head.js";
import { banner, open, sentence, unbanner } from "./shell.js";
import * as told from "./told.js";
import { OPEN, STANDING, STATUS, clock, languageName, small } from "./words.js";
import { Work } from "./work.js";

const SAVE_AFTER = 4000;
const LOOK_EVERY = 20000;
const LOOK_FOR_DRAFT_EVERY = 3000;

const root = find("#ticket");
let saving;
let approving = false;

const work = new Work(Number(root.dataset.number), {
  shown: render,
  changed() {
    writing();
    checking.later(work, writing);
    clearTimeout(saving);
    saving = setTimeout(saveQuietly, SAVE_AFTER);
  },
  savedAt: (at) => find("#saved")?.replaceChildren(`Saved at ${clock(at)}`),
  gone: (pause) => told.gone(pause, () => work.waiting?.()),
  back(how) {
    told.back(how);
    checking.later(work, writing);
  },
  conflict(fresh) {
    told.conflict(work, fresh);
    writing();
  },
  failed: told.failed,
  tooLong: () => told.length(work.length, { insist: true }),
  recovered: told.recovered,
  news: told.news,
});

function saveQuietly() {
  if (work.dirty && work.editable && !work.waiting && !work.length.over) work.save();
}

// -- the page ----------------------------------------------------------------------------------------------------

function render() {
  const { ticket } = work;
  head.show(work);
  conversation.show(ticket);
  find("#draft-line").replaceChildren(...draft.line(ticket));
  renew(find("#similar"), [ticket.suggestion?.similar, work.editable], () =>
    draft.similar(ticket, work.editable ? paragraph : null),
  );
  const made = conversation.decisions(ticket, changes);
  find("#decisions").hidden = !made.length;
  renew(find("#decisions"), ticket.decisions, () => [el("h3", {}, "Decisions"), ...made]);
  alsoSent();
  writing();
}

/** What changes as the officer types. */
function writing() {
  const { ticket, editable } = work;
  const cited = checking.citations(work);
  editor.write(work.text, { editable, language: ticket.language });
  find("#text-hint").textContent = hint();
  find("#text-length").textContent = editable ? work.length.words : "";
  find("#text-length").classList.toggle("warned", work.length.over);
  told.length(work.length);
  evidence.show(cited, { pointed: editor.lightCiting, add: editable ? (marker) => editor.insert(marker) : null });
  tools();
  checking.show(work, writing);
  diff();
  bar();
  warn();
}

/** What goes out with every reply, in the trader's language. */
async function alsoSent() {
  const { language, status } = work.ticket;
  const box = find("#also-sent");
  box.hidden = ["rejected", "escalated"].includes(status);
  const label = OPEN.includes(status) ? "Goes with it" : "Went with it";
  find(".label", box)?.replaceChildren(`${label}, after the list of its sources`);
  if (box.hidden || box.lang === language) return;
  const said = await get(`/desk/wording/${encodeURIComponent(language)}`).catch(() => null);
  if (!said) return;
  box.lang = language;
  box.replaceChildren(
    el("p", { class: "label", lang: "en" }, `${label}, after the list of its sources`),
    el("p", { dir: "auto" }, said.disclaimer),
    el("p", { dir: "auto" }, `${said.assist_general} ${root.dataset.assist}`),
  );
}

function hint() {
  const { ticket } = work;
  const writes = `The trader writes ${languageName(ticket.language)}.`;
  if (work.editable) return `${writes} A marker such as [1] after a sentence cites a source.`;
  if (work.rival) return "Decide first what becomes of your text: the message at the top says why.";
  if (!OPEN.includes(ticket.status)) return `This ticket is closed: ${small(STATUS[ticket.status])}.`;
  if (!may("work")) return "Your role may read tickets, not answer them.";
  if (ticket.officer_id) return `${ticket.officer} works on this ticket. You can read along.`;
  return "Claim the ticket to edit and send the reply.";
}

const paragraph = (text) => editor.insert(text, { paragraph: true });

function tools() {
  const { ticket, editable } = work;
  const { suggestion } = ticket;
  const refused = Boolean(suggestion?.answer) && !draft.usable(suggestion);
  const diffing = !find("#changes").hidden;
  const state = { editable, refused, diffing, compared: pair() !== null, ready: ticket.draft === "ready" };
  renew(find("#tools"), [state, suggestion?.id], () => {
    const tool = (label, act, shown) => (shown ? button(label, act, "quiet small") : "");
    const expanded = { "aria-expanded": String(diffing) };
    return [
      tool("Insert paragraph", () => aids.canned(work, paragraph), editable),
      tool("Translate check", () => aids.comparison(work), editable),
      state.compared ? button(diffing ? "Hide changes" : "Show changes", toggleDiff, "quiet small", expanded) : "",
      tool("Insert what the assistant says", () => paragraph(suggestion.answer.text), editable && refused),
      tool("Draft anew", anew, editable && state.ready),
    ];
  });
  find("#tools").hidden = !find("#tools").children.length;
}

function bar() {
  const box = find("#bar");
  box.hidden = !work.editable;
  if (box.hidden) return;
  if (!box.children.length) box.append(...buttons());
  const { over } = work.length;
  find("#approve").disabled = over || !work.text.trim();
  const saved = find("#saved");
  if (over) saved.textContent = "Not saved: too long";
  else if (work.dirty) saved.textContent = "Not saved yet";
  else if (saved.textContent.startsWith("Not saved")) saved.textContent = "Saved";
}

function buttons() {
  const approving = button(["Approve and send", el("kbd", {}, "Ctrl ⏎")], approve, "primary", { id: "approve" });
  const save = button(["Save", el("kbd", {}, "Ctrl S")], () => work.save());
  return [
    el("div", {}, approving, save, el("span", { id: "saved", class: "saved", role: "status" })),
    el(
      "div",
      {},
      button("Ask the trader", () => decide.ask(work)),
      button("Escalate to ASSIST", () => decide.escalate(work)),
      button("Reject", () => decide.reject(work), "secondary danger-text"),
    ),
  ];
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
  const box = find("#changes");
  if (!texts) box.hidden = true;
  else if (!box.hidden) renew(find(".diff", box), texts, () => changes(...texts));
}

// -- actions -----------------------------------------------------------------------------------------------------

async function approve() {
  if (approving || !work.editable || !work.text.trim() || work.length.over) return;
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
  if (!(await work.act("/approve"))) return;
  banner("sent", "success", "Approved. The reply goes out with the disclaimer and the way to ASSIST.", [
    el("a", { class: "button", href: "/desk/" }, "Back to the queue"),
  ]);
}

async function anew() {
  if (await work.save()) await work.act("/suggest");
}

// -- drafts ------------------------------------------------------------------------------------------------------

function warn() {
  const { suggestion } = work.ticket;
  const said = draft.warning(work, {
    take: () => work.change(suggestion.answer.text, suggestion.id),
    keep: () => work.adopt(draft.remarked(work.text, checking.citations(work), suggestion.answer?.citations ?? [])),
    again: anew,
    look: () => told.newDraft(work.text, suggestion),
  });
  if (said) banner("draft", ...said);
  else unbanner("draft");
}

// -- start -------------------------------------------------------------------------------------------------------

function keys(event) {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || find("dialog[open]")) return;
  const act = { s: () => work.editable && work.save(), Enter: approve }[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

async function look() {
  const ready = work.ticket.draft === "ready";
  const needless = !work.mine && ready; // nobody is told of what they only read
  if (document.hidden || work.waiting || work.rival || needless) return;
  try {
    await (ready ? work.look() : work.refresh());
  } catch (error) {
    if (error instanceof Gone) work.outage();
  }
}

function missing(error) {
  const box = find("#missing");
  box.hidden = false;
  box.replaceChildren(el("b", {}, sentence(error.message)), " ", el("a", { href: "/desk/" }, "Back to the queue"));
}

function listen() {
  editor.listen((text) => work.change(text), evidence.light);
  document.addEventListener("keydown", keys);
  addEventListener("beforeunload", (event) => {
    if (work.dirty) event.preventDefault();
  });
  setInterval(look, LOOK_EVERY);
  setInterval(() => {
    if (work.ticket.draft !== "ready") look();
  }, LOOK_FOR_DRAFT_EVERY);
}

await open();
try {
  await work.open();
  root.hidden = false;
  editor.paint();
  listen();
} catch (error) {
  missing(error);
}
