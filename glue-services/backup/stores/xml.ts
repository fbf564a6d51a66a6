import { Parser } from "htmlparser2";

/**
 * The elements of a name in an answer of an S3 server, each as the texts of what is in it, by name. Names that stand
 * deeper are found as well: S3 uses none twice within one element.
 */
export function elements(text: string, name: string): Record<string, string>[] {
  const found: Record<string, string>[] = [];
  let current: Record<string, string> | undefined;
  let field: string | undefined;
  const parser = new Parser(
    {
      onopentag(tag) {
        if (tag === name) current = {};
        else if (current) {
          field = tag;
          current[field] = "";
        }
      },
      ontext(piece) {
        if (current && field !== undefined) current[field] += piece;
      },
      onclosetag(tag) {
        if (tag === name && current) {
          found.push(current);
          current = undefined;
        }
        field = undefined;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(text);
  return found;
}

/** The text of the first element of a name, wherever it stands. */
export function textOf(text: string, name: string): string | undefined {
  let inside = false;
  let found: string | undefined;
  const parser = new Parser(
    {
      onopentag(tag) {
        if (tag === name && found === undefined) {
          inside = true;
          found = "";
        }
      },
      ontext(piece) {
        if (inside) found += piece;
      },
      onclosetag(tag) {
        if (tag === name) inside = false;
      },
    },
    { xmlMode: true, decodeEntities: true },
  );
  parser.end(text);
  return found;
}
