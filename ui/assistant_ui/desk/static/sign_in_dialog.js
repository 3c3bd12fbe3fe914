// When a session ends in the middle of work: sign in again on top of the page, which keeps everything as it is.

import { button, dialog, el, field } from "./dom.js";

/** Resolves with whoever signed in. It cannot be dismissed: nothing would work behind it. */
export function askToSignIn(user, { signIn, again }) {
  return new Promise((resolve) => {
    const problem = el("p", { class: "problem", role: "alert", hidden: true });
    const email = el("input", {
      type: "email",
      name: "email",
      autocomplete: "username",
      required: true,
      value: user?.email ?? "",
    });
    const password = el("input", {
      type: "password",
      name: "password",
      autocomplete: "current-password",
      required: true,
    });
    const tried = async (attempt) => {
      problem.hidden = true;
      try {
        const signedIn = await attempt();
        shown.close("in");
        resolve(signedIn);
      } catch (error) {
        problem.textContent = error.message;
        problem.hidden = false;
      }
    };
    const form = el(
      "form",
      {
        class: "stack",
        on: {
          submit: (event) => {
            event.preventDefault();
            tried(() => signIn(email.value, password.value));
          },
        },
      },
      el("p", {}, "Your session has ended. Nothing on this page is lost: sign in and go on."),
      problem,
      field("E-mail", email),
      field("Password", password),
      el(
        "div",
        { class: "buttons" },
        el("a", { class: "button", href: "/desk/sign-in", target: "_blank" }, "Sign in another way, in a new tab"),
        button("I have signed in there", () => tried(again), "quiet"),
        el("button", { class: "primary" }, "Sign in"),
      ),
    );
    const shown = dialog("Sign in again", form);
    shown.querySelector(".close").remove();
    shown.addEventListener("cancel", (event) => event.preventDefault());
    password.focus();
  });
}
