/** How deep objects and lists may be in each other: more is no message, and ends the stack of parsers that recurse. */
const deepest = 200;

/**
 * Why servers might read a JSON text otherwise than the gateway: an object has a key twice, of which parsers take the one
 * or the other (RFC 8259, section 4), or it is too deep. The text must be valid JSON. Undefined: it is as it should be.
 */
export function ambiguityOf(text: string): string | undefined {
  // Undefined for a list, whose strings are no keys.
  const open: (Set<string> | undefined)[] = [];
  let isKey = false;
  for (let at = 0; at < text.length; at++) {
    switch (text.charCodeAt(at)) {
      case brace:
        open.push(new Set());
        isKey = true;
        if (open.length > deepest) return tooDeep;
        break;
      case bracket:
        open.push(undefined);
        isKey = false;
        if (open.length > deepest) return tooDeep;
        break;
      case closingBrace:
      case closingBracket:
        open.pop();
        isKey = false;
        break;
      case comma:
        isKey = open.at(-1) !== undefined;
        break;
      case quote: {
        const end = endOfString(text, at);
        const keys = open.at(-1);
        if (isKey && keys) {
          const key = JSON.parse(text.slice(at, end + 1)) as string;
          if (keys.has(key)) return `The body has the key ${key.slice(0, 100)} twice in one object.`;
          keys.add(key);
          isKey = false;
        }
        at = end;
      }
    }
  }
  return undefined;
}

const tooDeep = `The body has more than ${deepest} objects and lists in each other.`;

const [brace, closingBrace, bracket, closingBracket, comma, quote, backslash] = [...'{}[],"\\'].map((one) =>
  one.charCodeAt(0),
) as [number, number, number, number, number, number, number];

/** Where the quote is that ends the string which begins at `start`. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let before = end - 1;
    while (text.charCodeAt(before) === backslash) before--;
    // An even number of backslashes escapes itself only.
    if ((end - before) % 2 === 1) return end;
  }
  return text.length;
}

/** A key as parsers read it that take upper and lower case for the same, such as Go's, which also fold U+017F and U+212A. */
export function folded(key: string): string {
  return key.toUpperCase().toLowerCase();
}
