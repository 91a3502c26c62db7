/** The emoji short names a workplace bot is likely to use; any other stays as it was written. */

const KNOWN = {
  white_check_mark: "✅",
  heavy_check_mark: "✔️",
  x: "❌",
  warning: "⚠️",
  rotating_light: "🚨",
  hourglass: "⌛",
  hourglass_flowing_sand: "⏳",
  lock: "🔒",
  unlock: "🔓",
  key: "🔑",
  bell: "🔔",
  no_bell: "🔕",
  eyes: "👀",
  tada: "🎉",
  wave: "👋",
  "+1": "👍",
  thumbsup: "👍",
  "-1": "👎",
  thumbsdown: "👎",
  information_source: "ℹ️",
  bulb: "💡",
  memo: "📝",
  link: "🔗",
  mag: "🔍",
  gear: "⚙️",
  calendar: "📅",
  clock1: "🕐",
  robot_face: "🤖",
  bust_in_silhouette: "👤",
  busts_in_silhouette: "👥",
  large_green_circle: "🟢",
  large_yellow_circle: "🟡",
  large_orange_circle: "🟠",
  red_circle: "🔴",
  white_circle: "⚪",
  black_circle: "⚫",
  arrow_right: "➡️",
  arrows_counterclockwise: "🔄",
  package: "📦",
  shield: "🛡️",
  fire: "🔥",
  smile: "😄",
  heart: "❤️",
  pray: "🙏",
};

/** @param {string} name without colons @param {string} [unicode] code points as Slack gives them, "1f600-fe0f" */
export function emoji(name, unicode) {
  if (unicode && /^[0-9a-f]{2,6}(-[0-9a-f]{2,6})*$/i.test(unicode)) {
    const points = unicode.split("-").map((point) => Number.parseInt(point, 16));
    if (points.every((point) => point <= 0x10ffff)) return String.fromCodePoint(...points);
  }
  return KNOWN[name] ?? `:${name}:`;
}

/** Replace :short_names: in a text. */
export const withEmoji = (text) => text.replace(/:([a-z0-9_+-]+):/g, (_, name) => emoji(name));
