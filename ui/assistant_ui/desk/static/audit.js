// The audit log: newest first, by ticket, action or person.

import { get } from "./api.js";
import { button, el, find } from "./dom.js";
import { attempt, open } from "./shell.js";
import { action, detail, moment } from "./words.js";

const LIMIT = 100;
const form = find("#filters");
const body = find("#lines");
const names = new Map(); // of people and programs, by their ids
let last = null;

function filters() {
  return Object.fromEntries(
    [...new FormData(form)].map(([name, value]) => [name, value.trim()]).filter(([, value]) => value),
  );
}

function row(line) {
  return el(
    "tr",
    {},
    el("td", { class: "nowrap" }, el("time", { dateTime: line.at }, moment(line.at))),
    el(
      "td",
      {},
      button(line.actor_name, () => only("actor", line.actor), "link name", { title: "Only this one" }),
    ),
    el(
      "td",
      {},
      button(action(line.action), () => only("action", line.action), "link name", { title: "Only these" }),
    ),
    el("td", {}, line.number ? el("a", { href: `/desk/tickets/${line.number}` }, String(line.number)) : ""),
    el("td", { class: "detail" }, detail(line.detail, names)),
  );
}

function only(name, value) {
  choose(name, value);
  load();
}

/** An address may name what is in no list, such as an action of an earlier version: that is shown as it is. */
function choose(name, value) {
  const input = form.elements[name];
  input.value = value;
  if (input.value !== value) input.append(el("option", { value, selected: true }, value));
}

async function people() {
  for (const { id, name } of await get("/audit/actors")) {
    names.set(id, name);
    form.elements.actor.append(el("option", { value: id }, name));
  }
}

async function load({ older = false } = {}) {
  const wanted = filters();
  history.replaceState(null, "", `?${new URLSearchParams(wanted)}`.replace(/\?$/, location.pathname));
  await attempt(async () => {
    const found = await get(
      `/audit?${new URLSearchParams({ ...wanted, ...(older ? { before: last } : {}), limit: LIMIT })}`,
    );
    if (!older) body.replaceChildren();
    body.append(...found.map(row));
    last = found.at(-1)?.id ?? last;
    find("#older").hidden = found.length < LIMIT;
    find("#clear").hidden = !Object.keys(wanted).length;
    find("#empty").hidden = body.children.length > 0;
    find("#empty").textContent = "No line fits these filters.";
  });
}

await open();
await attempt(people);
for (const [name, value] of new URLSearchParams(location.search)) if (form.elements[name]) choose(name, value);
form.addEventListener("change", () => load());
form.addEventListener("submit", (event) => {
  event.preventDefault();
  load();
});
find("#clear").addEventListener("click", () => {
  form.reset();
  for (const input of form.elements) if (input.name) input.value = "";
  load();
});
find("#older").addEventListener("click", () => load({ older: true }));
await load();
