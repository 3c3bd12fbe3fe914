// The sign-in page.

import { signIn } from "./api.js";
import { find } from "./dom.js";

const form = find("#sign-in");
const problem = find("#problem");

/** Where to go afterwards: only a path of the desk itself, never another site. */
function next() {
  const wanted = new URL(new URLSearchParams(location.search).get("next") ?? "/desk/", location.origin);
  const local =
    wanted.origin === location.origin &&
    /^\/desk(\/|$)/.test(wanted.pathname) &&
    !wanted.pathname.startsWith("/desk/sign-in");
  return local ? wanted.pathname + wanted.search : "/desk/";
}

function say(words) {
  problem.textContent = words.charAt(0).toUpperCase() + words.slice(1).replace(/\.?$/, ".");
  problem.hidden = false;
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  const pressed = find("button", form);
  pressed.disabled = true;
  try {
    await signIn(form.elements.email.value, form.elements.password.value);
    location.assign(next());
  } catch (error) {
    say(error.message);
    form.elements.password.select();
  } finally {
    pressed.disabled = false;
  }
});
