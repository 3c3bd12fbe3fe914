// Clicks anywhere in the conversation. Sources open here; everything else goes to chat.py as "suggest" or "rate".
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

const actions = {
  open,
  copy,
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
  const given = Object.fromEntries(new FormData(submit.target));
  trigger("rate", { exchange: numberOf(submit.target), helpful: false, ...given });
});

// A new exchange comes into view; focus that was on a button which is gone moves to it.
let shown = 0;
watch("value", () => {
  const exchanges = element.querySelectorAll(".exchange");
  const grown = exchanges.length > shown;
  shown = exchanges.length;
  if (!grown) return;
  const latest = exchanges[shown - 1];
  latest.scrollIntoView({ block: "start" });
  if (document.activeElement === document.body) latest.focus({ preventScroll: true });
});
