// What every page of the desk has: navigation by permission, who is signed in, banners.

import { may, signOut, start } from "./api.js";
import { button, el, find, findAll } from "./dom.js";

const PLACES = [
  ["/desk/", "Queue", "read"],
  ["/desk/figures", "Figures", "figures"],
  ["/desk/gaps", "Missing", "figures"],
  ["/desk/library", "Library", "read"],
  ["/desk/people", "People", "administer"],
  ["/desk/audit", "Audit", "audit"],
];

const GOOD_NEWS_STAYS = 20000;
let fading;

/** Signs in or leaves, fills the frame, then shows the page; ends there where the role has no part in it. */
export async function open() {
  document.addEventListener(
    "desk:gone",
    () => banner("gone", "warning", "The desk's service does not answer; trying again…"),
    { once: true },
  );
  const user = await start();
  unbanner("gone");
  const here = location.pathname.startsWith("/desk/tickets/") ? "/desk/" : location.pathname;
  find("#nav").replaceChildren(
    ...PLACES.filter(([, , permission]) => may(permission)).map(([href, label]) =>
      el("a", { href, "aria-current": href === here ? "page" : null }, label),
    ),
  );
  find("#whoami").replaceChildren(
    el("span", { class: "who" }, el("b", {}, user.name), el("small", {}, user.role)),
    button("Sign out", signOut, "quiet on-dark"),
  );
  const [, , needed] = PLACES.find(([href]) => href === here) ?? PLACES[0];
  if (!may(needed)) return without(user);
  return user;
}

/** What somebody sees whose role has nothing to do here, in place of a page that could only be empty. */
function without(user) {
  const none = !PLACES.some(([, , permission]) => may(permission));
  document.title = "Not for your role · Review desk";
  find("#main").replaceChildren(
    el(
      "section",
      { class: "card empty" },
      el("h1", {}, none ? "Your role has no desk" : "Your role has no part in this page"),
      el("p", {}, `You are signed in as ${user.name}, with the role ${user.role}. Ask an administrator for another role.`),
      none ? button("Sign out", signOut, "primary") : el("a", { class: "button", href: "/desk/" }, "To the queue"),
    ),
  );
  return new Promise(() => {}); // the page's own module waits here
}

/** A banner at the top, announced politely; one of the same name replaces it. */
export function banner(name, kind, content, buttons = []) {
  const made = el(
    "div",
    { class: `banner ${kind}`, data: { name } },
    el("div", { class: "words" }, content),
    buttons.length ? el("div", { class: "actions" }, buttons) : "",
  );
  const before = find(`#banners [data-name="${name}"]`);
  if (before?.isEqualNode(made)) return before; // said already; whoever is about to press its button keeps it
  if (before) before.replaceWith(made);
  else find("#banners").append(made);
  if (kind === "problem" || kind === "warning") notice(made.firstChild.textContent);
  return made;
}

/** A dialog lies over the banners, so it says the same. */
function notice(words) {
  const box = findAll("dialog[open] .notice").at(-1);
  if (!box) return;
  box.textContent = words;
  box.hidden = false;
}

export function unbanner(name) {
  find(`#banners [data-name="${name}"]`)?.remove();
}

/** Says for a while that something worked, longer where somebody is about to use it. */
export function done(words) {
  banner("done", "success", words, [button("Dismiss", () => unbanner("done"), "quiet")]);
  const fade = () => {
    clearTimeout(fading);
    fading = setTimeout(() => {
      if (find('#banners [data-name="done"]:is(:hover, :focus-within)')) fade();
      else unbanner("done");
    }, GOOD_NEWS_STAYS);
  };
  fade();
}

/** Runs what a button does; what goes wrong is said in a banner, until it is dismissed. True where it went well. */
export async function attempt(work) {
  try {
    await work();
    return true;
  } catch (error) {
    banner("failed", "problem", sentence(error.message), [button("Dismiss", () => unbanner("failed"), "quiet")]);
    return false;
  }
}

export function sentence(words) {
  return words.charAt(0).toUpperCase() + words.slice(1).replace(/([^.!?…])$/, "$1.");
}
