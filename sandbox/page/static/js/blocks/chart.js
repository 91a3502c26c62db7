/** data_visualization blocks: bar, line, area and pie. Drawn as SVG; the numbers stand on the marks and are read aloud. */

import { h, svg } from "../core/dom.js";

const HIGH = 120; // of the plot, in units of the drawing
const WIDE = 64; // of one category
const ROOM = 18; // above the plot for numbers, below it for labels
const ROUND = 60; // radius of a pie

const SHAPES = { bar: bars, line: (at) => lines(at, false), area: (at) => lines(at, true) };

/** @param {any} block */
export function chart(block) {
  const drawn = block.chart ?? {};
  const said =
    drawn.type === "pie"
      ? (drawn.segments ?? []).map((one) => `${one.label} ${one.value}`)
      : (drawn.series ?? []).map(
          (one) => `${one.name}: ${(one.data ?? []).map((point) => `${point.label} ${point.value}`).join(", ")}`,
        );
  const picture = drawn.type === "pie" ? pie(drawn.segments ?? []) : overAnAxis(drawn);
  picture.setAttribute("role", "img");
  picture.setAttribute("aria-label", `${block.title}. ${said.join("; ")}`);
  return h(
    "figure.chart",
    null,
    h("figcaption", null, block.title ?? ""),
    picture,
    h(
      "ul.legend",
      { "aria-hidden": "true" },
      (drawn.segments ?? drawn.series ?? []).map((one, at) => h(`li.tint-${at}`, null, one.label ?? one.name)),
    ),
  );
}

function overAnAxis({ type, series = [], axis_config: axis = {} }) {
  const categories = axis.categories ?? [];
  const values = series.map((one) =>
    categories.map((category) => one.data?.find((point) => point.label === category)?.value ?? 0),
  );
  const most = Math.max(1, ...values.flat());
  const least = Math.min(0, ...values.flat());
  const y = (value) => ROOM + HIGH - ((value - least) / (most - least)) * HIGH;
  const width = WIDE * Math.max(1, categories.length);
  return svg(
    "svg",
    { viewBox: `0 0 ${width} ${HIGH + 2 * ROOM}` },
    SHAPES[type]?.({ values, y, count: series.length }),
    svg("line", { class: "axis", x1: 0, x2: width, y1: y(0), y2: y(0) }),
    categories.map((category, at) =>
      svg("text", { class: "label", x: (at + 0.5) * WIDE, y: HIGH + 2 * ROOM - 4 }, category),
    ),
  );
}

function bars({ values, y, count }) {
  const wide = (WIDE * 0.7) / Math.max(1, count);
  return values.flatMap((row, series) =>
    row.map((value, at) => {
      const left = at * WIDE + WIDE * 0.15 + series * wide;
      return svg(
        "g",
        { class: `tint-${series}` },
        svg("rect", { x: left, y: Math.min(y(value), y(0)), width: wide, height: Math.abs(y(0) - y(value)) }),
        svg("text", { class: "number", x: left + wide / 2, y: Math.min(y(value), y(0)) - 4 }, value),
      );
    }),
  );
}

function lines({ values, y }, filled) {
  return values.map((row, series) => {
    const points = row.map((value, at) => `${(at + 0.5) * WIDE},${y(value)}`);
    const closed = [`${0.5 * WIDE},${y(0)}`, ...points, `${(row.length - 0.5) * WIDE},${y(0)}`];
    return svg(
      "g",
      { class: `tint-${series}` },
      filled ? svg("polygon", { points: closed.join(" ") }) : null,
      svg("polyline", { points: points.join(" ") }),
      row.map((value, at) => svg("text", { class: "number", x: (at + 0.5) * WIDE, y: y(value) - 4 }, value)),
    );
  });
}

function pie(segments) {
  const total = segments.reduce((sum, one) => sum + one.value, 0) || 1;
  const on = (share) => [Math.sin(share * 2 * Math.PI) * ROUND, -Math.cos(share * 2 * Math.PI) * ROUND];
  let before = 0;
  const slices = segments.map((one, at) => {
    const [from, to] = [before, (before += one.value / total)];
    const wide = to - from;
    const outline =
      wide >= 1
        ? svg("circle", { r: ROUND })
        : svg("path", { d: `M0,0 L${on(from)} A${ROUND},${ROUND} 0 ${wide > 0.5 ? 1 : 0} 1 ${on(to)} Z` });
    const [x, y] = on(from + wide / 2).map((length) => length * 0.65);
    return svg("g", { class: `tint-${at}` }, outline, svg("text", { class: "number inside", x, y }, `${Math.round(wide * 100)} %`));
  });
  return svg("svg", { class: "round", viewBox: `${-ROUND} ${-ROUND} ${2 * ROUND} ${2 * ROUND}` }, slices);
}
