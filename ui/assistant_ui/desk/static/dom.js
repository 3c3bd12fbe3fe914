// Elements from data. Text only ever becomes text nodes: nothing here, or anywhere in these pages, parses HTML.

const SVG = "http://www.w3.org/2000/svg";
const SHAPES = {
  tick: "M4 12.5l5 5L20 6.5",
  pen: "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
  warning: "M12 4l9 16H3zM12 10v5M12 17.5v.6",
  clip: "M8 12l6-6a3 3 0 0 1 4 4l-8 8a5 5 0 0 1-7-7l7-7",
  link: "M10 14l10-10M14 4h6v6M18 14v6H4V6h6",
};

/** An element; `attributes` may hold `class`, `data`, `on` (listeners), properties and attributes. */
export function el(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) set(made, key, value);
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

function set(made, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (key === "data") Object.assign(made.dataset, value);
  else if (key === "on") Object.entries(value).forEach(([event, listener]) => made.addEventListener(event, listener));
  else if (key in made && key !== "list" && key !== "form" && !key.includes("-"))
    made[key === "class" ? "className" : key] = value;
  else made.setAttribute(key === "class" ? "class" : key, value === true ? "" : value);
}

/** An SVG element. */
export function svg(name, attributes = {}, ...children) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
  made.append(...children.flat(Infinity));
  return made;
}

export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 24 24", class: `icon ${name}`, "aria-hidden": "true" },
    svg("path", { d: SHAPES[name] }),
  );
}

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];

const built = new WeakMap();

/** Fills a box anew only where `key` has changed; focus, and what is unfolded, stay otherwise. */
export function renew(box, key, make) {
  const now = JSON.stringify(key);
  if (built.get(box) === now) return;
  built.set(box, now);
  const reachable = () => findAll("a, button, summary, input, select", box);
  const focused = reachable().indexOf(document.activeElement);
  box.replaceChildren(...[make()].flat());
  if (focused >= 0) reachable()[focused]?.focus({ preventScroll: true });
}

/** A link to a source: http(s) only, in a tab of its own, and nothing is told to it. */
export function outward(url, label) {
  if (!/^https?:\/\//i.test(url ?? "")) return null;
  return el(
    "a",
    { href: url, target: "_blank", rel: "noopener noreferrer" },
    label,
    icon("link"),
    el("span", { class: "visually-hidden" }, " (opens in a new tab)"),
  );
}

export function button(label, listener, kind = "secondary", attributes = {}) {
  return el("button", { type: "button", class: kind, on: { click: listener }, ...attributes }, label);
}

/** A dialog with a title; it is taken out of the page when it closes. Resolves `closed` with its return value. */
export function dialog(title, content, { buttons = [], wide = false } = {}) {
  const id = `dialog-${crypto.randomUUID()}`;
  const shown = el("dialog", { class: wide ? "broad" : "" });
  shown.setAttribute("aria-labelledby", id);
  shown.append(
    el(
      "div",
      { class: "bar" },
      el("h2", { id }, title),
      button("Close", () => shown.close(), "quiet close"),
    ),
    el("p", { class: "notice problem", role: "alert", hidden: true }),
    el("div", { class: "body" }, content),
    buttons.length ? el("div", { class: "buttons" }, buttons) : "",
  );
  document.body.append(shown);
  const back = document.activeElement;
  shown.closed = new Promise((resolve) =>
    shown.addEventListener("close", () => {
      shown.remove();
      if (back?.isConnected) back.focus();
      resolve(shown.returnValue);
    }),
  );
  shown.showModal();
  return shown;
}

/** Asks a yes-or-no question; true for yes. */
export async function confirm(title, content, yes, kind = "primary") {
  const asked = dialog(title, content, {
    buttons: [button("Cancel", () => asked.close(""), "quiet"), button(yes, () => asked.close("yes"), kind)],
  });
  return (await asked.closed) === "yes";
}

/** A labelled input, select or textarea. */
export function field(label, input, hint = "") {
  return el("label", { class: "field" }, el("span", {}, label, hint ? el("small", {}, ` ${hint}`) : ""), input);
}

export function choose(name, options, chosen, attributes = {}) {
  const rows = Object.entries(options).map(([value, words]) =>
    el("option", { value, selected: value === chosen }, words),
  );
  return el("select", { name, ...attributes }, rows);
}

export async function copy(text, pressed) {
  await navigator.clipboard.writeText(text);
  const before = pressed.textContent;
  pressed.textContent = "Copied";
  setTimeout(() => {
    pressed.textContent = before;
  }, 2000);
}
