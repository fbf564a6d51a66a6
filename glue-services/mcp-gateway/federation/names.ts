import { ProtocolError, ProtocolErrorCode, UriTemplate } from "@modelcontextprotocol/server";
import { exposedName, isShortened } from "./exposed-name.ts";
import { originalUri, withConflictsTold } from "./exposed-uri.ts";
import type { Listed, ListField } from "./lists.ts";
import type { Call, Params, Source } from "./source.ts";
import { askAll, listOf } from "./sources.ts";

/** Names of many servers in one list: they do not depend on which other servers there are. */
export interface Names {
  /** The items of a list under the names they have here. */
  tell(field: ListField, listed: readonly Listed[]): Params[];
  /** The server that a tool or prompt belongs to, and the name it has there. @throws ProtocolError when none has it */
  find(field: "tools" | "prompts", name: string, call: Call): Promise<{ source: Source; name: string }>;
  /** The server that a resource belongs to, and its address there. @throws ProtocolError when none has it */
  ownerOf(uri: string, call: Call): Promise<{ source: Source; uri: string }>;
}

/** The servers' own names of those that were shortened. Each follows from the other, so that none is ever wrong. */
const originals = new Map<string, string>();
const mostOriginals = 50_000;

export function namesOf(sources: readonly Source[]): Names {
  const owners = new Map<string, Source>();
  // Of several that have an address the one that was added first stays its owner.
  const byAge = sources.toSorted((one, other) => (one.key < other.key ? -1 : 1));
  return {
    tell(field, listed) {
      if (field === "tools" || field === "prompts")
        return listed.flatMap(({ source, items }) => items.map((item) => named(source, item)));
      for (const { uri, source } of listed.flatMap(({ source, items }) => items.map(({ uri }) => ({ uri, source })))) {
        const known = owners.get(String(uri));
        if (!known || byAge.indexOf(source) < byAge.indexOf(known)) owners.set(String(uri), source);
      }
      return withConflictsTold(field === "resources" ? "uri" : "uriTemplate", listed);
    },
    async find(field, exposed, call) {
      const source =
        sources.find(({ prefix }) => prefix !== "" && exposed.startsWith(prefix)) ??
        sources.find(({ prefix }) => prefix === "");
      if (!source) throw missing(`There is nothing named ${exposed}.`);
      if (!isShortened(source.prefix, exposed)) return { source, name: exposed.slice(source.prefix.length) };
      const key = keyOf(source, exposed);
      if (!originals.has(key)) for (const item of (await listOf(source, field, call)).items) named(source, item);
      const name = originals.get(key);
      if (name === undefined) throw missing(`${source.name} has nothing named ${exposed}.`);
      return { source, name };
    },
    async ownerOf(uri, call) {
      const [only] = sources;
      if (sources.length === 1 && only) return { source: only, uri };
      const told = originalUri(uri);
      const source = told && sources.find(({ name }) => name === told.server);
      if (told && source) return { source, uri: told.uri };
      const owner = owners.get(uri) ?? (await byList(uri, call)) ?? (await byTemplate(uri, call));
      if (!owner) throw missing(`No server has ${uri}.`, { uri });
      return { source: owner, uri };
    },
  };

  async function byList(uri: string, call: Call): Promise<Source | undefined> {
    return owning("resources", call, (one) => one.uri === uri);
  }

  async function byTemplate(uri: string, call: Call): Promise<Source | undefined> {
    return owning("resourceTemplates", call, (one) => fits(String(one.uriTemplate), uri));
  }

  async function owning(field: ListField, call: Call, is: (item: Params) => boolean): Promise<Source | undefined> {
    const all = await askAll(byAge, call, (source, one) => listOf(source, field, one));
    return all.find(({ answer }) => answer.items.some(is))?.source;
  }
}

/** An item under its name here. Where that had to be shortened, the server's own name is its title and in its `_meta`. */
function named(source: Source, item: Params): Params {
  const own = String(item.name);
  const name = exposedName(source.prefix, own);
  if (!isShortened(source.prefix, name)) return { ...item, name };
  if (originals.size >= mostOriginals) originals.clear();
  originals.set(keyOf(source, name), own);
  const title = item.title ?? (item.annotations as Params | undefined)?.title ?? own;
  return { ...item, name, title, _meta: { ...(item._meta as Params | undefined), "devflow/name": own } };
}

function keyOf({ key }: Source, exposed: string): string {
  return `${key} ${exposed}`;
}

function missing(message: string, data?: object): ProtocolError {
  return new ProtocolError(ProtocolErrorCode.InvalidParams, message, data);
}

function fits(template: string, uri: string): boolean {
  try {
    return new UriTemplate(template).match(uri) !== null;
  } catch {
    return false;
  }
}
