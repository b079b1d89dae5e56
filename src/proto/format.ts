// How values look in answers and events that tools for NATS read: timestamps, uptimes, JSON.

/** RFC 3339 in UTC with microseconds, trailing zeros cut: 2026-11-23T08:33:29.834335Z. */
export function formatTime(ms: number): string {
  const micros = Math.round(ms * 1000);
  const second = Math.floor(micros / 1e6);
  const fraction = String(micros - second * 1e6)
    .padStart(6, "0")
    .replace(/0+$/, "");
  const text = new Date(second * 1000).toISOString().slice(0, 19);
  return fraction === "" ? `${text}Z` : `${text}.${fraction}Z`;
}

/**
 * From whole seconds, lower units always shown: 22s, 4m22s, 32d4h4m22s, 22y32d4h4m22s; a year has
 * 365 days.
 */
export function formatUptime(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const minutes = Math.floor(seconds / 60);
  const hours = Math.floor(minutes / 60);
  const days = Math.floor(hours / 24);
  const years = Math.floor(days / 365);
  let text = `${seconds % 60}s`;
  if (minutes > 0) text = `${minutes % 60}m${text}`;
  if (hours > 0) text = `${hours % 24}h${text}`;
  if (days > 0) text = `${days % 365}d${text}`;
  return years > 0 ? `${years}y${text}` : text;
}

/** Go's JSON escapes what could end a script element; tools compare such texts byte for byte. */
export function toJson(value: unknown, indent = 0): string {
  return JSON.stringify(value, null, indent).replace(/[<>&\u2028\u2029]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
