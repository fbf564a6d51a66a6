/** What stands after `where`, as far as the service asks for it. */
export type Condition =
  | { is: "and" | "or"; of: Condition[] }
  | { is: "not"; of: Condition }
  | { is: "contains"; field: string; value: string; prefix: boolean }
  | { is: "in"; field: string; values: string[] }
  | { is: "user"; index: string; grammar: string; text: string }
  | { is: "near"; field: string; query: string; hits: number };

/** @throws Error with a place, as Vespa answers a query that it cannot read. */
export function parseYql(text: string, parameters: Record<string, unknown>): { from: string; where: Condition } {
  const head = /^select \* from (\w+) where /.exec(text);
  if (!head) throw new Error(`Could not parse '${text}'`);
  const tokens = [
    ...text.slice(head[0].length).matchAll(/\s*("(?:[^"\\]|\\.)*"|[A-Za-z_][\w.]*|@\w+|\d+|[(){}:,!])/gy),
  ].map(([, token]) => token as string);
  let at = 0;
  const where = disjunction();
  if (at < tokens.length) throw new Error(`unexpected '${tokens[at]}'`);
  return { from: head[1] as string, where };

  function disjunction(): Condition {
    const of = [conjunction()];
    while (took("or")) of.push(conjunction());
    return of.length === 1 ? (of[0] as Condition) : { is: "or", of };
  }

  function conjunction(): Condition {
    const of = [single()];
    while (took("and")) of.push(single());
    return of.length === 1 ? (of[0] as Condition) : { is: "and", of };
  }

  function single(): Condition {
    if (took("!")) {
      if (tokens[at] !== "(") throw new Error("'!' without a parenthesis");
      return { is: "not", of: single() };
    }
    if (took("(")) {
      const inner = tokens[at] === "{" ? annotated(annotations()) : disjunction();
      need(")");
      return inner;
    }
    const field = next();
    if (took("contains")) {
      if (!took("(")) return { is: "contains", field, value: value(), prefix: false };
      const notes = annotations();
      const condition = { is: "contains" as const, field, value: value(), prefix: notes.prefix === "true" };
      need(")");
      return condition;
    }
    if (took("in")) {
      need("(");
      const values = [value()];
      while (took(",")) values.push(value());
      need(")");
      return { is: "in", field, values };
    }
    throw new Error(`unexpected '${tokens[at]}' after '${field}'`);
  }

  function annotated(notes: Record<string, string>): Condition {
    const name = next();
    need("(");
    if (name === "userInput") {
      const text = value();
      need(")");
      if (!["weakAnd", "phrase"].includes(notes.grammar ?? "")) throw new Error(`No query type '${notes.grammar}'`);
      return { is: "user", index: notes.defaultIndex ?? "default", grammar: notes.grammar as string, text };
    }
    if (name !== "nearestNeighbor") throw new Error(`unknown function '${name}'`);
    const field = next();
    need(",");
    const query = next();
    need(")");
    if (!notes.targetHits) throw new Error("targetHits must be set for nearestNeighbor");
    return { is: "near", field, query, hits: Number(notes.targetHits) };
  }

  function annotations(): Record<string, string> {
    const notes: Record<string, string> = {};
    need("{");
    do {
      const key = next();
      need(":");
      notes[key] = tokens[at]?.startsWith('"') ? value() : next();
    } while (took(","));
    need("}");
    return notes;
  }

  function value(): string {
    const token = next();
    if (token.startsWith('"')) return JSON.parse(token) as string;
    const given = token.startsWith("@") ? parameters[token.slice(1)] : undefined;
    if (typeof given !== "string") throw new Error(`no value for '${token}'`);
    return given;
  }

  function took(token: string): boolean {
    if (tokens[at] !== token) return false;
    at++;
    return true;
  }

  function need(token: string): void {
    if (!took(token)) throw new Error(`'${token}' expected, not '${tokens[at]}'`);
  }

  function next(): string {
    const token = tokens[at++];
    if (token === undefined) throw new Error("the query ends too early");
    return token;
  }
}
