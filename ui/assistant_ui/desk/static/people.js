// People and programs: accounts with their roles, and API tokens.

import { get, me, patch, post, remove } from "./api.js";
import { button, choose, confirm, copy, dialog, el, field, find } from "./dom.js";
import { form } from "./forms.js";
import { attempt, done, open } from "./shell.js";
import { ago, capital, day, plural } from "./words.js";

const ROLES = {
  officer: "Officer",
  lead: "Lead",
  admin: "Administrator",
  intake: "Intake (sends questions in)",
  "read-only": "Read only",
};

const password = () =>
  el("input", { name: "password", type: "password", minLength: 12, maxLength: 200, autocomplete: "new-password" });

// -- accounts ----------------------------------------------------------------------------------------------------

function user(each) {
  const role = choose("role", ROLES, each.role, {
    "aria-label": `Role of ${each.name}`,
    disabled: each.id === me().id,
    on: { change: () => alter(each, { role: role.value }, `${each.name} is now ${ROLES[role.value].toLowerCase()}.`) },
  });
  return el(
    "tr",
    { class: each.active ? "" : "off" },
    el("td", {}, el("b", {}, each.name)),
    el("td", {}, each.email),
    el("td", {}, role),
    el("td", {}, each.has_password ? "Password" : "Identity provider"),
    el("td", {}, state(each)),
    el(
      "td",
      { class: "end" },
      button("Set a password", () => setPassword(each), "quiet small", {
        "aria-label": `Set a password for ${each.name}`,
      }),
      each.id === me().id
        ? ""
        : button(each.active ? "Deactivate" : "Activate", () => turn(each), "quiet small", {
            "aria-label": `${each.active ? "Deactivate" : "Activate"} ${each.name}`,
          }),
    ),
  );
}

function state(each) {
  if (!each.active) return el("span", { class: "chip waiting" }, "Inactive");
  const locked = each.locked_until && new Date(each.locked_until) > new Date();
  return locked
    ? el("span", { class: "chip escalated" }, "Locked for now")
    : el("span", { class: "chip sent" }, "Active");
}

async function alter(each, change, said) {
  if (await attempt(() => patch(`/users/${encodeURIComponent(each.id)}`, change))) done(said);
  await load();
}

async function turn(each) {
  const words =
    "They are signed out at once and cannot sign in again until somebody activates the account. What they did stays in the audit log.";
  if (each.active && !(await confirm(`Deactivate ${each.name}?`, el("p", {}, words), "Deactivate", "danger"))) return;
  await alter(each, { active: !each.active }, `${each.name} is ${each.active ? "inactive" : "active"} now.`);
}

function setPassword(each) {
  const input = password();
  input.required = true;
  form(`A new password for ${each.name}`, [field("Password", input, "(12 characters at least)")], "Set", (given) =>
    attempt(async () => {
      await patch(`/users/${encodeURIComponent(each.id)}`, { password: given.get("password") });
      done(`${each.name} has a new password.`);
      await load();
    }),
  );
}

function addUser() {
  form(
    "Add a person",
    [
      field("Name", el("input", { name: "name", required: true, maxLength: 100 })),
      field("E-mail", el("input", { name: "email", type: "email", required: true, maxLength: 254 })),
      field("Role", choose("role", ROLES, "officer")),
      field("Password", password(), "(12 characters at least; none: they sign in through the identity provider)"),
    ],
    "Add",
    (given) =>
      attempt(async () => {
        await post("/users", {
          name: given.get("name"),
          email: given.get("email"),
          role: given.get("role"),
          password: given.get("password") || null,
        });
        done(`${given.get("name")} was added.`);
        await load();
      }),
  );
}

// -- tokens ------------------------------------------------------------------------------------------------------

function token(each) {
  const expired = each.expires_at && new Date(each.expires_at) < new Date();
  const good = !each.revoked_at && !expired;
  const words = each.revoked_at
    ? "Revoked"
    : expired
      ? "Expired"
      : each.expires_at
        ? `Until ${day(each.expires_at)}`
        : "Until revoked";
  return el(
    "tr",
    { class: good ? "" : "off" },
    el("td", {}, el("b", {}, each.name)),
    el("td", {}, capital(each.role)),
    el("td", { class: "nowrap" }, day(each.created_at)),
    el("td", {}, each.last_used_at ? ago(each.last_used_at) : "Never"),
    el("td", {}, el("span", { class: `chip ${good ? "sent" : "waiting"}` }, words)),
    el(
      "td",
      { class: "end" },
      good ? button("Revoke", () => revoke(each), "quiet small", { "aria-label": `Revoke ${each.name}` }) : "",
    ),
  );
}

async function revoke(each) {
  const sure = await confirm(
    `Revoke the token “${each.name}”?`,
    el("p", {}, "Whatever uses it is refused at once."),
    "Revoke",
    "danger",
  );
  if (sure) {
    await attempt(() => remove(`/tokens/${encodeURIComponent(each.id)}`));
    await load();
  }
}

function addToken() {
  form(
    "Make a token",
    [
      field("Name", el("input", { name: "name", required: true, maxLength: 100, placeholder: "What uses it" })),
      field("Role", choose("role", ROLES, "intake")),
      field(
        "Good for",
        el("input", { name: "days", type: "number", min: 1, max: 3650 }),
        "(days; none: until it is revoked)",
      ),
    ],
    "Make",
    (given) =>
      attempt(async () => {
        const made = await post("/tokens", {
          name: given.get("name"),
          role: given.get("role"),
          days: given.get("days") ? Number(given.get("days")) : null,
        });
        await load();
        setTimeout(() => shownOnce(made)); // once the form has closed
      }),
  );
}

function shownOnce(made) {
  dialog(
    "The token, this once",
    el(
      "div",
      { class: "stack" },
      el("p", {}, "Copy it now: it is kept as a hash and cannot be shown again."),
      el("p", { class: "token" }, el("code", {}, made.token)),
      el(
        "div",
        { class: "inline" },
        button("Copy the token", ({ target }) => copy(made.token, target), "primary"),
      ),
    ),
  );
}

async function load() {
  await attempt(async () => {
    const [users, tokens] = await Promise.all([get("/users"), get("/tokens")]);
    find("#users-count").textContent = plural(users.length, "person", "people");
    find("#users").replaceChildren(...users.map(user));
    find("#tokens-count").textContent = plural(tokens.length, "token");
    find("#tokens").replaceChildren(...tokens.map(token));
    find("#tokens-empty").hidden = tokens.length > 0;
    find("#tokens-empty").textContent = "There are no tokens.";
  });
}

await open();
find("#add-user").addEventListener("click", addUser);
find("#add-token").addEventListener("click", addToken);
await load();
