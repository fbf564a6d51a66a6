import { Type } from "typebox";
import { ApiError, type Tool, tool } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { addSource, cancelSource, readAgain, removeSource } from "../routes/sources.ts";
import { SourceSettings } from "../schemas.ts";
import { search } from "../search/search.ts";
import { readPage } from "../store/page-read.ts";
import { readSources } from "../store/sources.ts";
import { Limit, Uuid, Words } from "./inputs.ts";

/** Characters of a page that one call answers. */
const piece = 30_000;

/** What agents find and read. */
export function knowledgeTools(mounted: () => Knowledge): Tool[] {
  return [
    tool({
      name: "search_knowledge",
      title: "Search the knowledge base",
      description: `Finds passages in the organisation's documents, sites and repositories by meaning and by words.
Use it before answering questions about the organisation's own software, processes or the libraries it documents.
Write the question as one would ask a colleague, or give a function, command or error exactly as it is.
kind "code" finds examples. Answers passages with where they stand; read_page gives the whole page.`,
      input: Type.Object({
        query: Type.String({ minLength: 1, maxLength: 2000, pattern: "\\S" }),
        limit: Limit(6, 20),
        kind: Type.Optional(Type.Union([Type.Literal("prose"), Type.Literal("code"), Type.Literal("table")])),
        source: Type.Optional(Uuid("Only this source; find_sources lists them.")),
        project: Type.Optional(Uuid("Only sources of this project.")),
        tag: Type.Optional(Type.String({ maxLength: 50, description: "Only sources with this tag." })),
      }),
      scope: "knowledge:read",
      readOnly: true,
      async call({ query, limit = 6, kind, source, project, tag }, { identity, signal }) {
        const { hits, vectorsUsed, note } = await search(
          mounted(),
          identity,
          {
            q: query,
            limit,
            ...(kind && { kind: [kind] }),
            ...(source && { source: [source] }),
            ...(project && { project }),
            ...(tag && { tag: [tag] }),
          },
          signal,
        );
        const passages = hits.map(({ heading, content, kind: is, citation: { page, source: from, lines } }) => ({
          heading,
          kind: is,
          text: content,
          page: page.id,
          address: page.address,
          lines: `${lines.first}-${lines.last}`,
          source: from.name,
        }));
        return { data: { passages, vectorsUsed, ...(note && { note }) } };
      },
    }),
    tool({
      name: "read_page",
      title: "Read a page",
      description: `The whole text of a page that search_knowledge named, as Markdown with the numbers of its lines' range.
A long one comes in parts: pass the line it ended at, plus one, as from_line.`,
      input: Type.Object({
        page: Uuid("Id of the page."),
        from_line: Type.Optional(Type.Integer({ minimum: 1 })),
      }),
      scope: "knowledge:read",
      readOnly: true,
      async call({ page, from_line = 1 }, { identity }) {
        const { title, address, content } = await readPage(mounted().database, identity, page);
        const lines = content.split("\n");
        const part: string[] = [];
        let length = 0;
        for (const line of lines.slice(from_line - 1)) {
          if (length + line.length > piece && part.length > 0) break;
          part.push(line.slice(0, piece));
          length += line.length + 1;
        }
        const last = from_line - 1 + part.length;
        const more = last < lines.length ? `\n\n(The page goes on at line ${last + 1}.)` : "";
        return {
          text: `${title}\n${address}\nLines ${from_line}-${last} of ${lines.length}\n\n${part.join("\n")}${more}`,
        };
      },
    }),
    tool({
      name: "find_sources",
      title: "List sources",
      description:
        "What the knowledge base is made of: sites, repositories and collections of files, with how many pages each has and how its last reading went.",
      input: Type.Object({ words: Words }),
      scope: "knowledge:read",
      readOnly: true,
      async call({ words }, { identity }) {
        const all = await readSources(mounted().database, identity);
        const wanted = words?.toLowerCase();
        const sources = all
          .filter(({ name, address }) => !wanted || `${name} ${address ?? ""}`.toLowerCase().includes(wanted))
          .map(({ id, kind, name, address, tags, pages, waiting, readAt, run }) => ({
            id,
            kind,
            name,
            address,
            tags,
            pages,
            waiting,
            readAt,
            state: run?.state ?? null,
            note: run?.note ?? null,
          }));
        return { data: { sources } };
      },
    }),
    tool({
      name: "manage_source",
      title: "Add, refresh or remove a source",
      description: `action "add" begins to read a site (kind "site", address) or a repository of the platform's Gitea (kind "git", address owner/name).
"read" reads a source again, "cancel" stops a reading, "remove" deletes a source with all that was read. Reading takes minutes; find_sources tells how far it is.`,
      input: Type.Object({
        action: Type.Union([Type.Literal("add"), Type.Literal("read"), Type.Literal("cancel"), Type.Literal("remove")]),
        source: Type.Optional(Uuid("For all actions but add.")),
        kind: Type.Optional(Type.Union([Type.Literal("site"), Type.Literal("git")])),
        address: Type.Optional(Type.String({ minLength: 3, maxLength: 2000 })),
        name: Type.Optional(Type.String({ minLength: 1, maxLength: 120 })),
        max_pages: Type.Optional(Type.Index(SourceSettings, ["maxPages"])),
      }),
      scope: "knowledge:write",
      destructive: true,
      async call({ action, source, kind, address, name, max_pages }, { identity }) {
        const knowledge = mounted();
        if (action === "add") {
          if (!kind || !address) throw new ApiError("INVALID", "To add a source, give kind and address.");
          const settings = { ...(max_pages && { maxPages: max_pages }) };
          const made = await addSource(knowledge, identity, { kind, address, settings, ...(name && { name }) });
          return { data: { source: made.id, name: made.name, state: made.run?.state ?? null } };
        }
        if (!source) throw new ApiError("INVALID", `To ${action} a source, give its id as source.`);
        await { read: readAgain, cancel: cancelSource, remove: removeSource }[action](knowledge, identity, source);
        return { data: { source, done: action } };
      },
    }),
  ];
}
