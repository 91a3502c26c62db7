/** Times as a person in a given zone reads them. All instants are milliseconds since 1970. */

const LOCALE = navigator.language.startsWith("en") ? navigator.language : "en";
const made = new Map();

function formatter(zone, options) {
  const key = zone + JSON.stringify(options);
  let found = made.get(key);
  if (!found) {
    try {
      found = new Intl.DateTimeFormat(LOCALE, { timeZone: zone, ...options });
    } catch {
      found = new Intl.DateTimeFormat(LOCALE, options); // a zone this browser does not know
    }
    made.set(key, found);
  }
  return found;
}

const show = (ms, zone, options) => formatter(zone, options).format(ms);

export const time = (ms, zone) => show(ms, zone, { hour: "numeric", minute: "2-digit" });
export const timeWithSeconds = (ms, zone) =>
  show(ms, zone, { hour: "numeric", minute: "2-digit", second: "2-digit" });
export const shortDate = (ms, zone) => show(ms, zone, { day: "numeric", month: "short", year: "numeric" });
export const numericDate = (ms, zone) =>
  show(ms, zone, { day: "2-digit", month: "2-digit", year: "numeric" });
export const longDate = (ms, zone) =>
  show(ms, zone, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
export const mediumDate = (ms, zone) => show(ms, zone, { day: "numeric", month: "long", year: "numeric" });
export const weekday = (ms, zone) =>
  show(ms, zone, { weekday: "short", day: "numeric", month: "short", year: "numeric" });
export const zoneName = (ms, zone) =>
  formatter(zone, { timeZoneName: "short" })
    .formatToParts(ms)
    .find((part) => part.type === "timeZoneName")?.value ?? "";

/** Whole days from `now` to `ms` on the calendar of `zone`. */
export function daysFrom(ms, now, zone) {
  const day = (at) =>
    Date.parse(`${new Intl.DateTimeFormat("en-CA", { timeZone: safe(zone) }).format(at)}T00:00Z`);
  return Math.round((day(ms) - day(now)) / 86_400_000);
}

function safe(zone) {
  return formatter(zone, {}).resolvedOptions().timeZone;
}

/** "Today", "Yesterday", "Tomorrow", or null for any other day. */
export function dayWord(ms, now, zone) {
  return { "-1": "Yesterday", 0: "Today", 1: "Tomorrow" }[daysFrom(ms, now, zone)] ?? null;
}

/** "3 days ago", "in 2 hours", "just now". */
export function ago(ms, now) {
  const seconds = Math.round((ms - now) / 1000);
  const steps = [
    ["year", 31_557_600],
    ["month", 2_629_800],
    ["day", 86_400],
    ["hour", 3_600],
    ["minute", 60],
  ];
  const found = steps.find(([, size]) => Math.abs(seconds) >= size);
  if (!found) return "just now";
  return new Intl.RelativeTimeFormat("en", { numeric: "auto" }).format(
    Math.trunc(seconds / found[1]),
    found[0],
  );
}
