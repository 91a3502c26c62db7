/** Slack's date tokens: https://docs.slack.dev/messaging/formatting-message-text#date-formatting */

import {
  ago,
  dayWord,
  longDate,
  mediumDate,
  numericDate,
  shortDate,
  time,
  timeWithSeconds,
} from "../core/time.js";

/**
 * Fill a format such as "{date_short} at {time}".
 *
 * @param {number} seconds since 1970
 * @param {string} format
 * @param {string} fallback shown when the time or a token is not understood
 * @param {{now: () => number, zone: string}} ctx
 */
export function dateText(seconds, format, fallback, ctx) {
  const ms = seconds * 1000;
  if (!Number.isFinite(ms) || Math.abs(ms) > 8.64e15) return fallback;
  const pretty = (plain) => dayWord(ms, ctx.now(), ctx.zone) ?? plain(ms, ctx.zone);
  const tokens = {
    date_num: () => numericDate(ms, ctx.zone),
    date: () => mediumDate(ms, ctx.zone),
    date_short: () => shortDate(ms, ctx.zone),
    date_long: () => longDate(ms, ctx.zone),
    date_pretty: () => pretty(mediumDate),
    date_short_pretty: () => pretty(shortDate),
    date_long_pretty: () => pretty(longDate),
    day_divider_pretty: () => pretty(longDate),
    time: () => time(ms, ctx.zone),
    time_secs: () => timeWithSeconds(ms, ctx.zone),
    ago: () => ago(ms, ctx.now()),
  };
  let understood = true;
  const text = format.replace(/\{(\w+)\}/g, (whole, name) => {
    if (tokens[name]) return tokens[name]();
    understood = false;
    return whole;
  });
  return understood ? text : fallback;
}
