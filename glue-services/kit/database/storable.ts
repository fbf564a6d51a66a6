/**
 * A text as PostgreSQL can keep it: without U+0000, which no column of type text takes, and with U+FFFD for half a
 * surrogate pair, which has no UTF-8.
 *
 * @param most UTF-16 units that are kept. @default all
 */
export function storableText(text: string, most = Number.POSITIVE_INFINITY): string {
  const short = text.length > most ? text.slice(0, most) : text;
  const whole = short.isWellFormed() ? short : short.toWellFormed();
  return whole.includes("\0") ? whole.replaceAll("\0", "") : whole;
}

/**
 * JSON for a parameter of type json or jsonb, whatever callers put into its strings. `JSON.stringify` escapes U+0000 and
 * half surrogate pairs; PostgreSQL refuses both escapes (22P05, 22P02), and with them the statement and every row in it.
 */
export function storableJson(value: unknown): string {
  const text = JSON.stringify(value);
  if (!text.includes("\\u0000") && !text.includes("\\ud")) return text;
  // Every escape is looked at in its turn, so that the text `\\u0000`, an escaped backslash and five letters, stays.
  return text.replace(/\\(u0000|ud[0-9a-f]{3}|.)/g, (written, what: string) =>
    what === "u0000" ? "" : what.length === 5 ? "\ufffd" : written,
  );
}
