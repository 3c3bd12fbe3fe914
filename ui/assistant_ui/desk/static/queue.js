// The queue: filters kept in the address, a selection that survives refreshing, and keys for all of it.

import { Gone, get, may, me, post } from "./api.js";
import { byHand } from "./by_hand.js";
import { button, el, find, findAll, icon } from "./dom.js";
import { attempt, banner, done, open, sentence, unbanner } from "./shell.js";
import { CHANNEL, STATUS, capital, countryName, disabled, due, languageName, moment, percent, plural } from "./words.js";

const EVERY = 20000;
const SIZE = 50;
const FIRST_DOWN = new Set(["priority", "confidence"]);
const form = find("#filters");
const body = find("#queue tbody");
let shown = [];
let chosen = null; // number of the selected ticket
let asked = 0;
let refused = null; // the address that the service will never take, however often it is asked

const state = () => Object.fromEntries(new URLSearchParams(location.search));

/** Whoever searches for a ticket's number wants that ticket, open or closed. */
const byNumber = () => /^#?\d+$/.test((state().q ?? "").trim());

/** The address's state as the API's parameters. */
function query() {
  const { status = "", view, ...rest } = state();
  const asked = new URLSearchParams({ ...rest, size: SIZE });
  if (status === "closed") asked.set("open", "false");
  else if (status === "") {
    if (!byNumber()) asked.set("open", "true");
  } else if (status !== "all") asked.set("status", status);
  return asked;
}

function go(changes, { replace = false } = {}) {
  const next = new URLSearchParams();
  for (const [key, value] of Object.entries({ ...state(), page: "", ...changes })) if (value) next.set(key, value);
  history[replace ? "replaceState" : "pushState"](null, "", `?${next}`.replace(/\?$/, location.pathname));
  load();
}

async function load({ quiet = false } = {}) {
  const turn = ++asked;
  let found;
  try {
    found = await get(`/tickets?${query()}`);
  } catch (error) {
    if (turn === asked) failed(error);
    return;
  }
  if (turn !== asked) return;
  unbanner("queue");
  refused = null;
  shown = found.items;
  if (!shown.some((ticket) => ticket.number === chosen)) chosen = quiet && chosen ? chosen : (shown[0]?.number ?? null);
  render(found);
}

function failed(error) {
  if (error instanceof Gone) {
    const words = `The queue could not be refreshed: ${error.message} It is tried again every 20 seconds.`;
    banner("queue", "warning", words);
    return;
  }
  refused = location.search;
  shown = [];
  body.replaceChildren();
  find("#queue").hidden = find("#pages").hidden = true;
  find("#count").textContent = "";
  find("#empty").hidden = false;
  find("#empty").replaceChildren(
    el("h2", {}, "This address asks for something that the queue does not know"),
    el("p", { role: "alert" }, sentence(error.message)),
    button("Clear filters", clear),
  );
  controls();
}

function render(found) {
  const focused = body.contains(document.activeElement);
  body.replaceChildren(...shown.map(row));
  if (focused) current()?.focus({ preventScroll: true });
  find("#count").textContent = plural(found.total, "ticket") + (byNumber() && !state().status ? ", open or closed" : "");
  find("#queue").hidden = !shown.length;
  empty(found);
  pages(found);
  controls();
}

function row(ticket) {
  const selected = ticket.number === chosen;
  const late = due(ticket);
  const cells = [
    ["number", el("a", { href: address(ticket), tabIndex: -1 }, String(ticket.number))],
    [
      "question",
      [
        marks(ticket),
        el("span", { class: "words", lang: ticket.language, dir: "auto", title: ticket.question }, ticket.question),
      ],
    ],
    ["status", el("span", { class: `chip ${ticket.status}` }, short(ticket.status))],
    ["priority", el("span", { class: `priority ${ticket.priority}` }, capital(ticket.priority))],
    [
      "countries",
      el("span", { title: ticket.countries.map(countryName).join(", ") }, ticket.countries.join(" ") || "–"),
    ],
    ["language", el("span", { title: languageName(ticket.language) }, ticket.language)],
    ["channel", CHANNEL[ticket.channel]],
    [
      "officer",
      officer(ticket),
    ],
    ["confidence", confidence(ticket)],
    [
      "due",
      el(
        "span",
        { class: late.late ? "late" : "", title: moment(ticket.due_at) },
        late.late ? icon("warning") : "",
        late.words,
      ),
    ],
  ];
  return el(
    "tr",
    {
      data: { number: ticket.number },
      tabIndex: selected ? 0 : -1,
      class: selected ? "selected" : "",
      "aria-current": selected ? "true" : null,
      on: {
        click: (event) => {
          if (!event.target.closest("a")) location.assign(address(ticket));
        },
        focus: () => choose(ticket.number, false),
      },
    },
    cells.map(([name, content]) => el("td", { class: `c-${name}` }, content)),
  );
}

const address = (ticket) => `/desk/tickets/${ticket.number}`;
const short = (status) =>
  ({ waiting: "Waiting", approved: "Approved", escalated: "Escalated" })[status] ?? STATUS[status];

function marks(ticket) {
  const words = [
    ticket.undelivered && "Not delivered",
    ticket.stale && (ticket.stale === "message" ? "Wrote again" : "Source changed"),
  ];
  return words.filter(Boolean).map((each) => el("span", { class: "mark" }, each));
}

function officer(ticket) {
  if (ticket.officer_id === me().id) return el("b", {}, "Me");
  if (!ticket.officer) return el("span", { class: "faint" }, "Nobody");
  const words = ticket.officer + disabled(ticket);
  return el("span", { class: ticket.officer_disabled ? "late" : "", title: words }, words);
}

function confidence(ticket) {
  if (ticket.draft !== "ready") return el("span", { class: "faint" }, "drafting…");
  return ticket.confidence === null ? el("span", { class: "faint" }, "no draft") : percent(ticket.confidence);
}

function empty(found) {
  const box = find("#empty");
  box.hidden = shown.length > 0;
  if (shown.length) return;
  const filtered = Object.keys(state()).some((key) => !["sort", "descending"].includes(key));
  box.replaceChildren(
    ...(filtered
      ? [el("h2", {}, "No ticket fits these filters"), button("Clear filters", clear)]
      : [
          el("h2", {}, "Nothing is waiting"),
          el("p", {}, "New questions from the chat, by mail or from the API appear here by themselves."),
        ]),
  );
  if (found.page > 1) go({}, { replace: true });
}

function pages(found) {
  const step = (label, page, allowed) =>
    button(label, () => go({ page: String(page) }), "secondary", { disabled: !allowed });
  find("#pages").hidden = found.pages < 2;
  find("#pages").replaceChildren(
    step("Previous", found.page - 1, found.page > 1),
    el("span", {}, `Page ${found.page} of ${found.pages}`),
    step("Next", found.page + 1, found.page < found.pages),
  );
}

// -- controls ----------------------------------------------------------------------------------------------------

function controls() {
  const { sort = "due", descending, ...filters } = state();
  for (const input of form.elements) {
    if (!input.name || input === document.activeElement) continue;
    if (input.type === "checkbox") input.checked = filters[input.name] === "true";
    else input.value = filters[input.name] ?? "";
  }
  find("#clear").hidden = !Object.keys(filters).some((key) => key !== "page");
  for (const heading of findAll("[data-sort]")) {
    if (heading.dataset.sort === sort) heading.setAttribute("aria-sort", descending ? "descending" : "ascending");
    else heading.removeAttribute("aria-sort");
  }
}

function clear() {
  form.reset();
  const { sort, descending } = refused === null ? state() : {}; // the order may be what was not known
  go({ ...Object.fromEntries(Object.keys(state()).map((key) => [key, ""])), sort, descending });
}

function sortable(heading) {
  const name = heading.dataset.sort;
  heading.replaceChildren(
    button(
      [heading.textContent, el("span", { class: "arrow", "aria-hidden": "true" })],
      () => {
        const { sort = "due", descending } = state();
        const turned = sort === name ? !descending : FIRST_DOWN.has(name);
        go({ sort: name, descending: turned ? "true" : "" });
      },
      "sort",
    ),
  );
}

function choose(number, focus = true) {
  chosen = number;
  for (const each of body.rows) {
    const selected = Number(each.dataset.number) === number;
    each.classList.toggle("selected", selected);
    each.tabIndex = selected ? 0 : -1;
    if (selected) each.setAttribute("aria-current", "true");
    else each.removeAttribute("aria-current");
  }
  if (focus) current()?.focus();
}

const current = () => find(`tr[data-number="${chosen}"]`, body);

function move(step) {
  const position = shown.findIndex((ticket) => ticket.number === chosen);
  const focused = body.contains(document.activeElement);
  const next = focused || position < 0 ? Math.min(Math.max(position + step, 0), shown.length - 1) : position;
  if (shown[next]) choose(shown[next].number);
  current()?.scrollIntoView({ block: "nearest" });
}

async function claim() {
  const ticket = shown.find((each) => each.number === chosen);
  if (!ticket || !may("work")) return;
  const { number, version } = ticket;
  try {
    await post(`/tickets/${number}/claim`, { version });
    done(`Ticket ${number} is yours.`);
    await load({ quiet: true });
  } catch (error) {
    await load({ quiet: true });
    const mine = shown.find((each) => each.number === number)?.officer_id === me().id;
    if (mine && error.status === 409) done(`Ticket ${number} is yours already: you claimed it in another window.`);
    else await attempt(() => Promise.reject(error));
  }
}

const KEYS = {
  j: () => move(1),
  k: () => move(-1),
  c: claim,
  "?": () => find("#help").showModal(),
  "/": () => find("[name=q]", form).select(),
  o: () => chosen && location.assign(`/desk/tickets/${chosen}`),
};

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, select, textarea, dialog");
  if (event.key === "Escape" && typing?.name === "q") return event.target.blur();
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const opens = event.key === "Enter" && (event.target.closest("tbody") || event.target === document.body);
  const does = opens ? KEYS.o : KEYS[event.key];
  if (!does) return;
  event.preventDefault();
  does();
});

// -- start -------------------------------------------------------------------------------------------------------

await open();
findAll("[data-sort]").forEach(sortable);
byHand(() => load({ quiet: true }));
let typed;
form.addEventListener("submit", (event) => event.preventDefault());
form.addEventListener("input", ({ target }) => {
  clearTimeout(typed);
  const value = target.type === "checkbox" ? (target.checked ? "true" : "") : target.value.trim();
  typed = setTimeout(
    () => go({ [target.name]: value }, { replace: target.name === "q" }),
    target.name === "q" ? 300 : 0,
  );
});
find("#clear").addEventListener("click", clear);
find("#shortcuts").addEventListener("click", KEYS["?"]);
addEventListener("popstate", () => load());
await load();
setInterval(() => {
  if (!document.hidden && refused !== location.search) load({ quiet: true });
}, EVERY);
