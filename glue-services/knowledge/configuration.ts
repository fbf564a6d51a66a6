import { isIP } from "node:net";
import { Type } from "typebox";
import { everyStack } from "../kit/declare/stack-kinds.ts";

const part = "[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?";
/** A name, all below one, an address or a range, each with a port or without. */
const reachablePattern = `^((\\*\\.)?${part}(\\.${part})*(/\\d{1,2})?|\\[[0-9A-Fa-f:.]+\\](/\\d{1,3})?)(:\\d{1,5})?$`;

export const KnowledgeSettings = Type.Object(
  {
    allow: Type.Array(
      Type.String({
        pattern: reachablePattern,
        maxLength: 300,
        "x-allowed":
          "a host such as wiki.example.internal or *.example.internal, or a range such as 10.1.0.0/16 or [fd00::]/8, with a port or without",
      }),
      {
        title: "Private addresses",
        description:
          "Hosts and ranges of private networks that the knowledge base may read. Everything in the internet it may; of private networks nothing else, whatever a name resolves to. On a cluster name addresses or ranges: the policies of its network know no names.",
        default: [],
        examples: [["wiki.example.internal", "10.1.0.0/16", "localhost:8080"]],
        maxItems: 100,
        "x-stacks": everyStack,
        "x-reaches": true,
      },
    ),
  },
  { title: "Knowledge", description: "What the knowledge base may read.", additionalProperties: false },
);

/** The pattern lets through what has the shape of an address or range and is none. */
export function brokenHost(entry: string): string | undefined {
  const [, bracketed, plain = "", bits, port = "0"] =
    /^(?:\[([^\]]*)\]|([^/:]*))(?:\/(\d+))?(?::(\d+))?$/.exec(entry) ?? [];
  const family = isIP(bracketed ?? plain);
  const numbers = /^[\d.]+$/.test(plain) && family !== 4;
  if (bracketed !== undefined ? family !== 6 : numbers) return `knowledge.allow: ${entry} is no address.`;
  if (bits !== undefined && (family === 0 || Number(bits) > (family === 4 ? 32 : 128)))
    return `knowledge.allow: ${entry} is no range of addresses.`;
  return Number(port) > 65_535 ? `knowledge.allow: ${entry} has no port that there is.` : undefined;
}
