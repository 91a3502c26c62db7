/** The page's own line icons, drawn on a grid of 20. */

import { svg } from "./dom.js";

const PATHS = {
  hash: "M4 7.5h12M4 12.5h12M8.5 4 7 16M13 4l-1.5 12",
  lock: "M5.5 9h9v7h-9zM7.5 9V6.5a2.5 2.5 0 0 1 5 0V9",
  home: "M3.5 9.5 10 4l6.5 5.5M5.5 8v8h9V8M8.5 16v-4h3v4",
  person: "M10 10.2a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4ZM4 16.5c.6-2.8 3-4.2 6-4.2s5.4 1.4 6 4.2",
  globe:
    "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM3 10h14M10 3c2.2 2 3 4.3 3 7s-.8 5-3 7c-2.2-2-3-4.3-3-7s.8-5 3-7Z",
  wire: "M3 7h11M11 4l3 3-3 3M17 13H6M9 10l-3 3 3 3",
  thread: "M4 4.500h12v8H9L5.5 16v-3.500H4z",
  send: "M4 10h11M11 5.5 15.5 10 11 14.5",
  down: "M5.5 8 10 12.5 14.5 8",
  close: "M5.5 5.500l9 9M14.5 5.500l-9 9",
  sun: "M10 13.500a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM10 2v2M10 16v2M2 10h2M16 10h2M4.3 4.300l1.4 1.400M14.3 14.300l1.4 1.400M15.7 4.300l-1.4 1.400M5.7 14.300l-1.4 1.4",
  moon: "M16 11.700A6.5 6.5 0 0 1 8.3 4a6.5 6.5 0 1 0 7.7 7.700Z",
  clock: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM10 6v4.300l2.8 1.7",
  eye: "M2.5 10S5.2 5 10 5s7.5 5 7.5 5-2.7 5-7.5 5-7.5-5-7.5-5ZM10 12a2 2 0 1 0 0-4 2 2 0 0 0 0 4Z",
  tick: "M4.5 10.5 8.3 14.3 15.5 6.5",
  help: "M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14ZM8 8.200a2 2 0 1 1 2.8 1.900c-.6.3-.8.7-.8 1.400M10 13.900v.1",
  list: "M7 5.500h9M7 10h9M7 14.500h9M3.8 5.500h.100M3.8 10h.100M3.8 14.500h.1",
  search: "M9 14.500a5.5 5.5 0 1 0 0-11 5.5 5.5 0 0 0 0 11ZM13 13l3.5 3.5",
};

/** @param {keyof typeof PATHS} name */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 20 20", class: "icon", "aria-hidden": "true" },
    svg("path", {
      d: PATHS[name],
      fill: "none",
      stroke: "currentColor",
      "stroke-width": "1.6",
      "stroke-linecap": "round",
      "stroke-linejoin": "round",
    }),
  );
}
