import { parseEnv } from "node:util";

/** Names and values of a `.env` file, as Node itself reads one: quotes, comments, `export` and values of many lines. */
export function parseEnvText(text: string): Map<string, string> {
  return new Map(
    Object.entries(parseEnv(text)).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/**
 * One entry of a `.env` file that reads back as the same value.
 *
 * @throws RangeError when the value has all three kinds of quotes and needs one of them; the message is without the value
 */
export function envLine(name: string, value: string): string {
  const spellings = [value, `'${value}'`, `\`${value}\``, `"${value}"`].map((spelled) => `${name}=${spelled}\n`);
  const found = spellings.find((line) => reads(line, name, value));
  if (found === undefined) throw new RangeError(`The value of ${name} cannot be written to a .env file.`);
  return found;
}

/** Between two other entries, since a quote that does not end takes those with it. */
function reads(line: string, name: string, value: string): boolean {
  const read = parseEnvText(`FIRST_=1\n${line}LAST_=1\n`);
  return read.get(name) === value && read.get("LAST_") === "1" && read.size === 3;
}
