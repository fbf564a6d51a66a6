/** Days such as `2026-01-31`, which are in no zone: the same word everywhere. */

/** The viewer’s time zone. */
export const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Today where the viewer is. */
export function today(now = new Date()): string {
  const part = (number: number) => String(number).padStart(2, "0");
  return `${now.getFullYear()}-${part(now.getMonth() + 1)}-${part(now.getDate())}`;
}

/** "31 Jan", with the year where it is another than this one. */
export function dayInWords(day: string, now = new Date()): string {
  const date = new Date(`${day}T00:00:00`);
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", ...(year && { year }) });
}
