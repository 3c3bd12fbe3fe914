// The trader's page under a secret link, in their language: what became of the question, and a way to write again.

import { el, find } from "./dom.js";

const { link, language: first } = document.body.dataset;
const EVERY = 60000;
let words = {};
let shown = "";

const address = `/v1/helpdesk/progress/${encodeURIComponent(link)}`;

async function call(path, body) {
  const sent = body
    ? { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) }
    : {};
  const response = await fetch(path, { ...sent, credentials: "omit", cache: "no-store" });
  if (!response.ok) throw Object.assign(new Error(String(response.status)), { status: response.status });
  return response.json();
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

async function show(progress) {
  await speak(progress.language);
  find("#heading").textContent = words.heading.replace("{number}", progress.number);
  find("#asked").textContent = words.asked.replace("{date}", moment(progress.created_at));
  find("#state").textContent = words[`status_${progress.status}`];
  find("#state").className = `state ${progress.status}`;
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

find("#further").addEventListener("submit", async (event) => {
  event.preventDefault();
  const form = event.target;
  find("#send").disabled = true;
  find("#said").textContent = "";
  try {
    await show(await call(address, { text: form.elements.text.value }));
    form.reset();
    find("#said").textContent = words.sent;
  } catch (error) {
    failed(error);
  } finally {
    find("#send").disabled = false;
  }
});

await speak(first);
await load();
setInterval(() => {
  if (!document.hidden && !find("#progress").hidden) load();
}, EVERY);
