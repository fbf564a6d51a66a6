import { ProtocolError, ProtocolErrorCode, UriTemplate } from "@modelcontextprotocol/server";
import type { Call, Params, Source } from "./source.ts";
import { askAll } from "./sources.ts";

/** Names of many servers in one list: they never depend on which other servers there are. */
export interface Names {
  /** @throws ProtocolError when no server has this name */
  split(name: string): { source: Source; name: string };
  /** An item of a list under its name here. */
  tell(source: Source, field: string, item: Params): Params;
  /** Which source has this address. @throws ProtocolError when none has */
  ownerOf(uri: string, call: Call): Promise<Source>;
}

/** Between a server's name, which has no underscores, and a tool's. */
const separator = "__";

export function prefixOf(server: string): string {
  return `${server}${separator}`;
}

export function namesOf(sources: readonly Source[]): Names {
  const owners = new Map<string, Source>();
  return {
    split(name) {
      const source =
        sources.find(({ prefix }) => prefix !== "" && name.startsWith(prefix)) ??
        sources.find(({ prefix }) => prefix === "");
      if (!source) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `There is nothing named ${name}.`);
      return { source, name: name.slice(source.prefix.length) };
    },
    tell(source, field, item) {
      if (field === "resources") owners.set(String(item.uri), source);
      if (field === "tools" || field === "prompts") return { ...item, name: `${source.prefix}${item.name}` };
      return item;
    },
    async ownerOf(uri, call) {
      const [only] = sources;
      if (sources.length === 1 && only) return only;
      const known = owners.get(uri) ?? (await byList(uri, call)) ?? (await byTemplate(uri, call));
      if (!known) throw new ProtocolError(ProtocolErrorCode.InvalidParams, `No server has ${uri}.`, { uri });
      return known;
    },
  };

  async function byList(uri: string, call: Call): Promise<Source | undefined> {
    const answers = await askAll(sources, "resources/list", {}, call);
    return answers.find(({ result }) => ((result.resources ?? []) as Params[]).some((one) => one.uri === uri))?.source;
  }

  async function byTemplate(uri: string, call: Call): Promise<Source | undefined> {
    const answers = await askAll(sources, "resources/templates/list", {}, call);
    return answers.find(({ result }) =>
      ((result.resourceTemplates ?? []) as Params[]).some((one) => fits(String(one.uriTemplate), uri)),
    )?.source;
  }
}

function fits(template: string, uri: string): boolean {
  try {
    return new UriTemplate(template).match(uri) !== null;
  } catch {
    return false;
  }
}
