// What codes, dates and numbers are called, in English, since officers work in English.

/** Code to name, as the page gives them. */
export const COUNTRIES = JSON.parse(document.body.dataset.countries ?? "{}");
const ACTIONS = JSON.parse(document.body.dataset.actions ?? "{}");
const DETAILS = JSON.parse(document.body.dataset.details ?? "{}");
const LANGUAGES = JSON.parse(document.body.dataset.languages ?? "{}");
const others = new Intl.DisplayNames(["en"], { type: "language" });
const dates = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric" });
const moments = new Intl.DateTimeFormat("en-GB", {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
});
const clocks = new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit" });

export const STATUS = {
  new: "New",
  drafted: "Drafted",
  claimed: "Claimed",
  waiting: "Waiting for the trader",
  approved: "Approved, being sent",
  sent: "Sent",
  rejected: "Rejected",
  escalated: "Escalated to ASSIST",
};
export const OPEN = ["new", "drafted", "claimed", "waiting"];
export const CHANNEL = { chat: "Chat", mail: "Mail", api: "API", desk: "By hand" };
export const OUTCOME = {
  unedited: "Sent as drafted",
  edited: "Sent after an edit",
  written: "Written by the officer",
  rejected: "Rejected",
  escalated: "Escalated to ASSIST",
  asked: "Asked the trader",
};
export const REASONS = [
  "spam",
  "duplicate",
  "out of scope",
  "not a question",
  "abusive",
  "answered elsewhere",
  "other",
];

/** How a sentence stands: kind (for colour), icon and words. */
export const STANDING = {
  quoted: { kind: "supported", icon: "tick", words: "Quoted from its source" },
  follows: { kind: "supported", icon: "tick", words: "Follows from its source" },
  "own words": { kind: "own", icon: "pen", words: "Own words, no source needed" },
  "no source": { kind: "flagged", icon: "warning", words: "States something, but names no source" },
  "facts differ": { kind: "flagged", icon: "warning", words: "Differs from the source it names: a number, name, address or the sense" },
  "not in source": { kind: "flagged", icon: "warning", words: "Not found in the source it names" },
  "cannot be checked": { kind: "flagged", icon: "warning", words: "Cannot be checked against the source it names" },
};

export const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
export const small = (text) => text.charAt(0).toLowerCase() + text.slice(1);
export const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
export const percent = (share) => `${Math.round(share * 100)} %`;

export const countryName = (code) => COUNTRIES[code] ?? code;

export function languageName(code) {
  try {
    return LANGUAGES[code] ?? others.of(code);
  } catch {
    return code; // no code that anybody knows
  }
}

export const day = (at) => dates.format(new Date(at));
export const moment = (at) => moments.format(new Date(at));
export const clock = (at) => clocks.format(new Date(at));

function span(milliseconds) {
  const minutes = Math.round(milliseconds / 60000);
  if (minutes < 60) return plural(Math.max(minutes, 1), "minute");
  const hours = Math.round(minutes / 60);
  return hours < 48 ? plural(hours, "hour") : plural(Math.round(hours / 24), "day");
}
export const ago = (at) => `${span(Date.now() - new Date(at))} ago`;

/** Whoever works on a ticket may have no account any more: then anybody may take it. */
export const disabled = (ticket) => (ticket.officer_disabled ? " (account disabled)" : "");

/** "in 3 hours", "overdue by 2 days"; nothing for tickets that are done. */
export function due(ticket) {
  if (!OPEN.includes(ticket.status)) return { words: "–", late: false };
  const left = new Date(ticket.due_at) - Date.now();
  return left < 0 ? { words: `overdue by ${span(-left)}`, late: true } : { words: `in ${span(left)}`, late: false };
}

/** What the audit log calls `ticket.approved`, as words. */
export const action = (name) => ACTIONS[name]?.name ?? capital(name.replaceAll(/[._]/g, " "));

/** What somebody did who changed a ticket, as in "Ana claimed it"; nothing for what changes none. */
export const did = (name) => ACTIONS[name]?.did ?? null;

/** The details of a line as words; `names` gives those of people by their ids. */
export function detail(values, names = new Map()) {
  return Object.entries(values ?? {})
    .filter(([, value]) => value !== null && !(Array.isArray(value) && !value.length))
    .map(([key, value]) => `${DETAILS[key] ?? capital(key.replaceAll("_", " "))}: ${said(key, value, names)}`)
    .join(" · ");
}

const SAID = {
  user: (value, names) => names.get(value) ?? value,
  channel: (value) => CHANNEL[value] ?? value,
  countries: (value) => value.map(countryName).join(", "),
  due_at: (value) => moment(value),
  until: (value) => day(value),
};

function said(key, value, names) {
  if (SAID[key]) return SAID[key](value, names);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "number") return value.toLocaleString("en");
  if (Array.isArray(value)) return value.map((each) => said("", each, names)).join("; ");
  if (typeof value === "object") return detail(value, names);
  return String(value);
}
