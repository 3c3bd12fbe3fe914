// Plots as inline SVG: lines over days, bars over groups, each with its axis and a table of the same figures.

import { el, svg } from "./dom.js";

const WIDTH = 560;
const LEFT = 44;
const ROW = 26;

/** A round step so that at most five lines cross the plot. */
function step(largest) {
  const rough = Math.max(largest, 1) / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  return Math.max(
    1,
    [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough),
  );
}

function table(caption, names, rows) {
  return el(
    "details",
    { class: "as-table" },
    el("summary", {}, "As a table"),
    el(
      "table",
      {},
      el("caption", { class: "visually-hidden" }, caption),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          names.map((name, position) => el("th", { scope: "col", class: position ? "figure" : "" }, name)),
        ),
      ),
      el(
        "tbody",
        {},
        rows.map(([key, ...values]) =>
          el(
            "tr",
            {},
            el("th", { scope: "row" }, key),
            values.map((value) => el("td", { class: "figure" }, String(value))),
          ),
        ),
      ),
    ),
  );
}

function legend(series) {
  return el(
    "ul",
    { class: "legend" },
    series.map(({ name }, position) => el("li", { class: `series-${position}` }, name)),
  );
}

function figure(title, series, drawn, shown) {
  return el(
    "figure",
    { class: "card plot" },
    el("figcaption", {}, el("h2", {}, title), series.length > 1 ? legend(series) : ""),
    drawn,
    shown,
  );
}

/** Lines over time. `series` are {name, values}, `labels` one for each value. */
export function lines(title, labels, series) {
  const [height, bottom, top] = [220, 30, 10];
  const by = step(Math.max(...series.flatMap(({ values }) => values)));
  const most = by * Math.max(1, Math.ceil(Math.max(...series.flatMap(({ values }) => values)) / by));
  const x = (position) => LEFT + (labels.length < 2 ? 0 : (position * (WIDTH - LEFT - 12)) / (labels.length - 1));
  const y = (value) => top + (height - top - bottom) * (1 - value / most);
  const grid = Array.from({ length: most / by + 1 }, (_, position) => position * by).flatMap((value) => [
    svg("line", { class: "grid", x1: LEFT, x2: WIDTH - 12, y1: y(value), y2: y(value) }),
    svg("text", { class: "axis", x: LEFT - 8, y: y(value) + 4, "text-anchor": "end" }, String(value)),
  ]);
  const every = Math.max(1, Math.ceil(labels.length / 6));
  const dates = labels.flatMap((label, position) =>
    position % every
      ? []
      : [
          svg(
            "text",
            { class: "axis", x: x(position), y: height - 8, "text-anchor": position ? "middle" : "start" },
            label,
          ),
        ],
  );
  const drawn = series.map(({ values }, position) =>
    svg("polyline", {
      class: `line series-${position}`,
      points: values.map((value, at) => `${x(at)},${y(value)}`).join(" "),
    }),
  );
  return figure(
    title,
    series,
    svg(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${height}`,
        role: "img",
        "aria-label": `${title}; the table below holds the same figures`,
      },
      grid,
      dates,
      drawn,
    ),
    table(
      title,
      ["Day", ...series.map(({ name }) => name)],
      labels.map((label, position) => [label, ...series.map(({ values }) => values[position])]),
    ),
  );
}

/** Bars beside each other: one row a group, its series stacked, its number at the end. */
export function bars(title, name, groups, series) {
  if (!groups.length)
    return el(
      "figure",
      { class: "card plot" },
      el("figcaption", {}, el("h2", {}, title)),
      el("p", { class: "none" }, "Nothing in this period."),
    );
  const from = 132;
  const most = Math.max(1, ...groups.map(({ values }) => values.reduce((sum, value) => sum + value, 0)));
  const by = step(most);
  const end = by * Math.ceil(most / by);
  const height = groups.length * ROW + 26;
  const wide = (value) => (value * (WIDTH - from - 48)) / end;
  const grid = Array.from({ length: end / by + 1 }, (_, position) => position * by).flatMap((value) => [
    svg("line", { class: "grid", x1: from + wide(value), x2: from + wide(value), y1: 0, y2: height - 22 }),
    svg("text", { class: "axis", x: from + wide(value), y: height - 6, "text-anchor": "middle" }, String(value)),
  ]);
  const rows = groups.flatMap(({ label, values }, row) => {
    let at = from;
    const y = row * ROW + 4;
    const parts = values.map((value, position) => {
      const part = svg("rect", { class: `bar series-${position}`, x: at, y, width: wide(value), height: ROW - 9 });
      at += wide(value);
      return part;
    });
    return [
      svg(
        "text",
        { class: "label", x: from - 8, y: y + 13, "text-anchor": "end" },
        label.length > 18 ? `${label.slice(0, 17)}…` : label,
      ),
      ...parts,
      svg("text", { class: "value", x: at + 6, y: y + 13 }, String(values.reduce((sum, value) => sum + value, 0))),
    ];
  });
  return figure(
    title,
    series,
    svg(
      "svg",
      {
        viewBox: `0 0 ${WIDTH} ${height}`,
        role: "img",
        "aria-label": `${title}; the table below holds the same figures`,
      },
      grid,
      rows,
    ),
    table(
      title,
      [name, ...series.map((each) => each.name)],
      groups.map(({ label, values }) => [label, ...values]),
    ),
  );
}
