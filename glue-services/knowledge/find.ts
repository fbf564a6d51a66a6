import { type Find, type Found, holds, mostOfKind } from "../kit/index.ts";
import { projectsContract } from "../projects/contract.ts";

/** Tasks and documents of projects, sources and pages by a part of their name, the last changed first. */
export const find: Find = async (app, identity, words) => {
  const ask = async (scope: string, text: string, more: unknown[] = []): Promise<Found[]> => {
    if (!holds(identity, scope)) return [];
    return (await app.database.query<Found>(identity, { text, values: [words, mostOfKind, ...more] })).rows;
  };
  const among = holds(identity, "projects:read") ? await app.use(projectsContract).visible({ who: identity }) : [];
  const found = await Promise.all([
    ask(
      "projects:read",
      `select 'task' as kind, t.id, t.title, p.title as detail, '/projects/' || p.id || '?task=' || t.id as path
       from task t join project p on p.id = t.project_id
       where p.id = any ($3::uuid[]) and position(lower($1) in lower(t.title)) > 0 order by t.changed_at desc limit $2`,
      [among],
    ),
    ask(
      "projects:read",
      `select 'document' as kind, d.id, d.title, p.title as detail,
         '/projects/' || p.id || '?tab=documents&document=' || d.id as path
       from document d join project p on p.id = d.project_id
       where p.id = any ($3::uuid[]) and position(lower($1) in lower(d.title)) > 0 order by d.changed_at desc limit $2`,
      [among],
    ),
    ask(
      "knowledge:read",
      `select 'source' as kind, id, name as title, '/knowledge/sources?open=' || id as path from source
       where position(lower($1) in lower(name)) > 0 order by name limit $2`,
    ),
    ask(
      "knowledge:read",
      `select 'page' as kind, g.id, g.title, s.name as detail, '/knowledge/pages/' || g.id as path
       from page g join source s on s.id = g.source_id
       where position(lower($1) in lower(g.title)) > 0 order by g.changed_at desc limit $2`,
    ),
  ]);
  return found.flat();
};
