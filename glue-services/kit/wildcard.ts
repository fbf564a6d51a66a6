export interface WildcardOptions {
  /** The text need only begin so: the pattern of a folder fits all below it. @default false */
  prefix?: boolean;
  /** `?` stands for one character; else it is itself, as in an address with parameters. @default false */
  one?: boolean;
}

/**
 * Whether a text fits a pattern in which `*` stands for any part of it, empty ones included. Walked, not compiled: what
 * people enter is no regular expression, and no pattern costs more than its length times the text's.
 */
export function fitsWildcard(
  pattern: string,
  text: string,
  { prefix = false, one = false }: WildcardOptions = {},
): boolean {
  const whole = prefix ? `${pattern}*` : pattern;
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (whole[p] === "*") [star, mark, p] = [p, t, p + 1];
    else if (p < whole.length && one && whole[p] === "?") [p, t] = [p + 1, t + lengthAt(text, t)];
    else if (p < whole.length && whole[p] === text[t]) [p, t] = [p + 1, t + 1];
    else if (star >= 0) [p, mark, t] = [star + 1, mark + 1, mark + 1];
    else return false;
  }
  while (whole[p] === "*") p++;
  return p === whole.length;
}

/** UTF-16 units of the character there. */
function lengthAt(text: string, at: number): number {
  return (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1;
}
