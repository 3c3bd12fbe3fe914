// Figures: what came in, how soon it was answered, what became of the suggestions.

import { get } from "./api.js";
import { el, find } from "./dom.js";
import { bars, lines } from "./plot.js";
import { attempt, open } from "./shell.js";
import { CHANNEL, capital, countryName, day, languageName, percent } from "./words.js";

const SHORT = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });
const NAMES = {
  country: ["By country", "Country", countryName],
  language: ["By language", "Language", languageName],
  topic: ["By topic", "Topic", (key) => capital(key.replaceAll("_", " "))],
  channel: ["By channel", "Channel", (key) => CHANNEL[key] ?? key],
};
const LARGEST = 12; // groups of a plot; the files hold them all

const days = find("#days");

function duration(minutes) {
  if (minutes === null || minutes === undefined) return "–";
  if (minutes < 90) return `${Math.round(minutes)} min`;
  return minutes < 2880 ? `${(minutes / 60).toFixed(1)} h` : `${(minutes / 1440).toFixed(1)} days`;
}

function totals({ totals: all, first_answer_minutes: first }) {
  const share = (count) => (all.sent ? percent(count / all.sent) : "–");
  const tiles = [
    ["Tickets", all.tickets, `${all.open} open now`],
    ["Sent", all.sent, `${all.rejected} rejected, ${all.escalated} to ASSIST`],
    ["First answer", duration(first.median), `median; nine in ten within ${duration(first.p90)}`],
    ["Sent as drafted", share(all.unedited), `${all.unedited} of ${all.sent}`],
    ["Sent after an edit", share(all.edited), `${all.edited} of ${all.sent}`],
    ["Written by officers", share(all.written), `${all.written} of ${all.sent}`],
  ];
  find("#totals").replaceChildren(
    ...tiles.map(([name, value, more]) =>
      el(
        "div",
        { class: "card" },
        el("dt", {}, name),
        el(
          "dd",
          {},
          el("b", {}, typeof value === "number" ? value.toLocaleString("en") : value),
          el("small", {}, more),
        ),
      ),
    ),
  );
}

function grouped(found, by) {
  const [title, name, label] = NAMES[by];
  const groups = found[`by_${by}`].toSorted((one, two) => two.created - one.created).slice(0, LARGEST);
  return bars(
    `${title}: what became of the tickets`,
    name,
    groups.map((group) => {
      const decided = group.unedited + group.edited + group.rejected;
      const written = Math.max(0, group.sent - group.unedited - group.edited);
      return {
        label: group.key === "none" ? "None named" : label(group.key),
        values: [group.unedited, group.edited, written, group.rejected, Math.max(0, group.created - decided - written)],
      };
    }),
    ["Sent as drafted", "Sent after an edit", "Written", "Rejected", "Open or escalated"].map((each) => ({
      name: each,
    })),
  );
}

async function load() {
  const query = `/figures?days=${days.value}`;
  find("#csv").href = `/v1/helpdesk${query}&format=csv`;
  find("#json").href = `/v1/helpdesk${query}&format=json`;
  await attempt(async () => {
    const found = await get(query);
    find("#span").textContent = `${day(found.from)} to ${day(found.to)}`;
    totals(found);
    const labels = found.by_day.map((each) => SHORT.format(new Date(each.day)));
    find("#plots").replaceChildren(
      lines("Tickets a day", labels, [
        { name: "Came in", values: found.by_day.map((each) => each.created) },
        { name: "Sent", values: found.by_day.map((each) => each.sent) },
      ]),
      bars(
        "Why tickets were rejected",
        "Reason",
        found.reject_reasons.map(({ reason, count }) => ({ label: capital(reason), values: [count] })),
        [{ name: "Tickets" }],
      ),
      ...Object.keys(NAMES).map((by) => grouped(found, by)),
    );
  });
}

await open();
days.value = new URLSearchParams(location.search).get("days") ?? "30";
if (!days.value) days.value = "30";
days.addEventListener("change", () => {
  history.replaceState(null, "", `?days=${days.value}`);
  load();
});
await load();
