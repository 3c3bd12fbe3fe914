// The trader's page under a secret link, in their language: what became of the question, and a way to write again.

import { el, find } from "./dom.js";

const { link, language: first, assist } = document.body.dataset;
const LONGEST = 20000;
const EVERY = 60000;
let words = {};
let shown = "";

const address = `/v1/helpdesk/progress/${encodeURIComponent(link)}`;

async function call(path, body) {
  const sent = body
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : {};
  const response = await fetch(path, { ...sent, credentials: "omit", cache: "no-store" });
  if (response.ok) return response.json();
  const problem = await response.json().catch(() => null); // a proxy's page, not ours
  throw Object.assign(new Error(problem?.detail ?? ""), { status: response.status });
}

async function speak(language) {
  if (shown === language) return;
  words = await call(`/desk/wording/${encodeURIComponent(language)}`);
  shown = language;
  document.documentElement.lang = words.language;
  document.title = words.title;
  for (const [id, key] of Object.entries({
    title: "title",
    "further-label": "write_again",
    send: "send",
    secret: "secret",
  }))
    find(`#${id}`).textContent = words[key];
}

const moment = (at) =>
  new Intl.DateTimeFormat(shown === "en" ? "en-GB" : shown === "tl" ? "fil" : shown, {
    dateStyle: "medium",
    timeStyle: "short",
  }).format(new Date(at));

function message(each, progress) {
  const { direction, author, at, text } = each;
  const by = direction === "in" ? words.you : author === "assistant" ? words.assistant : words.helpdesk;
  return el(
    "li",
    { class: `message ${direction}` },
    el("p", { class: "by" }, el("b", {}, by), el("time", { dateTime: at }, moment(at))),
    el("p", { class: "prose", dir: "auto", lang: progress.language }, text),
    each.attachments.length
      ? el("p", { class: "hint" }, `${words.attachments}: ${each.attachments.map(({ name }) => name).join(", ")}`)
      : "",
  );
}

/** Disclaimer and ASSIST close every letter; where none of the messages is one, they stand below. */
function closing({ messages, answer, disclaimer, escalation }) {
  const letter = messages.some(({ text }) => text.includes(disclaimer));
  const reply =
    answer && !messages.some(({ text }) => text === answer)
      ? [
          el(
            "div",
            { class: "message out" },
            el("p", { class: "by" }, el("b", {}, words.reply)),
            el("p", { class: "prose", dir: "auto" }, answer),
          ),
        ]
      : [];
  return [...reply, ...(letter ? [] : [el("p", {}, disclaimer), el("p", {}, linked(escalation))])];
}

function linked(text) {
  const [before, url, after] = text.split(/(https:\/\/assist\.asean\.org)/);
  return url ? [before, el("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, url), after] : [text];
}

/** What a trader does whose question is one for ASSIST. */
function next({ status }) {
  find("#next").hidden = status !== "escalated";
  find("#next-title").textContent = words.escalated_title;
  find("#next-why").textContent = words.escalated_why;
  find("#next-steps").replaceChildren(
    el("li", {}, words.escalated_open, " ", el("a", { href: assist, target: "_blank", rel: "noopener noreferrer" }, assist)),
    el("li", {}, words.escalated_confirm),
    el("li", {}, words.escalated_wait),
  );
}

async function show(progress) {
  await speak(progress.language);
  find("#heading").textContent = words.heading.replace("{number}", progress.number);
  find("#asked").textContent = words.asked.replace("{date}", moment(progress.created_at));
  find("#state").textContent = words[`status_${progress.status}`];
  find("#state").className = `state ${progress.status}`;
  next(progress);
  find("#messages").replaceChildren(...progress.messages.map((each) => message(each, progress)));
  find("#closing").replaceChildren(...closing(progress));
  find("#closing").hidden = !find("#closing").children.length;
  find("#progress").hidden = false;
  find("#problem").hidden = true;
}

function failed(error) {
  find("#problem").textContent = error.status === 404 || error.status === 422 ? words.not_found : words.unavailable;
  find("#problem").hidden = false;
}

async function load() {
  try {
    await show(await call(address));
  } catch (error) {
    failed(error);
  }
}

/** What is wrong with a message stands beside it; the message stays as it was typed. */
function refuse(reason) {
  find("#refused").textContent = reason;
  find("#refused").hidden = !reason;
}

function tooLong(text) {
  const count = Array.from(text).length;
  if (count <= LONGEST) return "";
  return words.too_long.replace("{count}", count.toLocaleString(shown)).replace("{most}", LONGEST.toLocaleString(shown));
}

find("#further").addEventListener("input", ({ target }) => refuse(tooLong(target.value)));
find("#further").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  if (tooLong(form.elements.text.value)) return;
  refuse("");
  find("#send").disabled = true;
  find("#said").textContent = "";
  try {
    await show(await call(address, { text: form.elements.text.value }));
    form.reset();
    find("#said").textContent = words.sent;
  } catch (error) {
    const lost = error.status === 404 ? words.not_found : words.unavailable;
    refuse(error.status === 422 ? words.not_taken.replace("{reason}", error.message) : lost);
  } finally {
    find("#send").disabled = false;
  }
});

await speak(first);
await load();
setInterval(() => {
  if (!document.hidden && !find("#progress").hidden) load();
}, EVERY);
