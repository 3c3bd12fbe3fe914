// Clicks anywhere in the conversation. Sources open here; everything else goes to chat.py as "suggest", "rate",
// "toggle" or "hand_over".
const TRY_AGAIN_AFTER = 30000; // milliseconds
const articleOf = (part) => part.closest("[data-exchange]");
const numberOf = (part) => Number(part.closest("[data-exchange]").dataset.exchange);

function open(button) {
  const article = button.closest("[data-exchange]");
  const source = article.querySelector(`.source[data-source="${button.dataset.source}"]`);
  const dialog = document.querySelector("#source dialog");
  dialog.replaceChildren(head(source), ...source.cloneNode(true).childNodes);
  dialog.onclick = (click) => click.target === dialog && dialog.close(); // on the backdrop
  dialog.showModal();
  const mark = dialog.querySelector("mark");
  if (mark) mark.scrollIntoView({ block: "nearest" });
}

function head(source) {
  const heading = Object.assign(document.createElement("h2"), { id: "source-heading" });
  heading.textContent = source.dataset.heading;
  const close = Object.assign(document.createElement("button"), { type: "button", className: "close" });
  close.textContent = source.dataset.close;
  close.onclick = () => close.closest("dialog").close();
  const bar = Object.assign(document.createElement("div"), { className: "bar" });
  bar.append(heading, close);
  return bar;
}

async function copy(button) {
  const text = button.parentElement.querySelector(".plain").textContent;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const box = Object.assign(document.createElement("textarea"), { value: text }); // without https
    document.body.append(box);
    box.select();
    document.execCommand("copy");
    box.remove();
    button.focus();
  }
  const label = button.querySelector("span");
  const before = label.textContent;
  label.textContent = button.dataset.done;
  setTimeout(() => (label.textContent = before), 2000);
}

// What is typed into the form for the helpdesk stays here, whatever else changes on the page, until it is sent.
const drafts = new Map();
const draftOf = (part) => `${numberOf(part)} ${articleOf(part).querySelector(".question").textContent}`;
let awaited = null; // what takes the focus once it is there: the exchange and selectors, the first that is found

function keep(form) {
  drafts.set(draftOf(form), [...form.querySelectorAll("[name]")].map(({ name, value, checked }) => ({ name, value, checked })));
}

function restore(form) {
  for (const { name, value, checked } of drafts.get(draftOf(form)) || []) Object.assign(form.elements[name], { value, checked });
}

function handOver(part) {
  const opened = articleOf(part).querySelector("form.handover");
  if (opened && isBusy(opened)) return;
  awaited = { exchange: numberOf(part), selectors: [opened ? ".hand-over" : ".handover [name=address]"] };
  trigger("toggle", { exchange: numberOf(part) });
}

function cancel(button) {
  drafts.delete(draftOf(button));
  handOver(button);
}

const isBusy = (form) => form.querySelector("[type=submit]").getAttribute("aria-disabled") === "true";

function setBusy(form, yes) {
  const button = form.querySelector("[type=submit]");
  button.setAttribute("aria-disabled", yes);
  button.textContent = yes ? button.dataset.busy : button.dataset.ready;
}

function sendToHelpdesk(form) {
  if (isBusy(form)) return;
  keep(form);
  setBusy(form, true);
  setTimeout(() => setBusy(form, false), TRY_AGAIN_AFTER); // the connection may be gone; the helpdesk takes it only once
  const { address, name, note, consent } = form.elements;
  awaited = { exchange: numberOf(form), selectors: [".handed", ".handover [aria-invalid=true]", ".handover .whole"] };
  trigger("hand_over", {
    exchange: numberOf(form),
    address: address.value,
    name: name.value,
    note: note.value,
    consent: consent.checked,
  });
}

const actions = {
  open,
  copy,
  handOver,
  cancel,
  ask: (button) => trigger("suggest", { text: button.dataset.text, country: button.dataset.country }),
  helpful: (button) => trigger("rate", { exchange: numberOf(button), helpful: true, reason: null, comment: null }),
  unhelpful: (button) => trigger("rate", { exchange: numberOf(button), helpful: false, reason: null, comment: null }),
};

element.addEventListener("click", (click) => {
  const button = click.target.closest("[data-action]");
  if (button) actions[button.dataset.action](button);
});

element.addEventListener("submit", (submit) => {
  submit.preventDefault();
  if (submit.target.matches(".handover")) return sendToHelpdesk(submit.target);
  const given = Object.fromEntries(new FormData(submit.target));
  trigger("rate", { exchange: numberOf(submit.target), helpful: false, ...given });
});

element.addEventListener("input", (input) => {
  const form = input.target.closest("form.handover");
  if (form) keep(form);
});

element.addEventListener("keydown", (key) => {
  if (key.key === "Escape" && !key.isComposing && key.target.closest("form.handover")) handOver(key.target);
});

function focusAwaited() {
  if (!awaited) return;
  const article = element.querySelector(`[data-exchange="${awaited.exchange}"]`);
  const found = article && awaited.selectors.map((selector) => article.querySelector(selector)).find(Boolean);
  if (!found) return;
  awaited = null;
  found.focus({ preventScroll: true });
  (found.closest("form.handover, .handed") || found).scrollIntoView({ block: "nearest" });
}

// A new exchange comes into view; focus that was on a button which is gone moves to it.
let shown = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".exchange");
  if (!exchanges.length) drafts.clear();
  element.querySelectorAll(".handed").forEach((handed) => drafts.delete(draftOf(handed)));
  element.querySelectorAll("form.handover").forEach(restore);
  focusAwaited();
  const grown = exchanges.length > shown;
  shown = exchanges.length;
  if (!grown) return;
  const latest = exchanges[shown - 1];
  latest.scrollIntoView({ block: "start" });
  if (document.activeElement === document.body) latest.focus({ preventScroll: true });
});
