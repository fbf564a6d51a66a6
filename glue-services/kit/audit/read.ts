import type { Pool } from "pg";
import { type Static, Type } from "typebox";

const Time = Type.String({ format: "date-time" });
const Maybe = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema) =>
  Type.Union([schema, Type.Null()]);
const Word = Type.String({ maxLength: 100 });

export const AuditShown = Type.Object({
  id: Type.String(),
  at: Time,
  service: Type.String({ description: "The service that it happened in." }),
  action: Type.String(),
  kind: Type.Union([Type.Literal("change"), Type.Literal("access")]),
  person: Maybe(Type.Object({ id: Type.String(), name: Maybe(Type.String()) })),
  by: Maybe(Type.String({ description: "The key or program that did it, by its name." })),
  target: Maybe(Type.String({ description: "What it happened to, by its name where it has one." })),
  targetId: Maybe(Type.String()),
  ip: Maybe(Type.String()),
  request: Maybe(Type.String()),
  details: Type.Record(Type.String(), Type.Unknown()),
});
export type AuditShown = Static<typeof AuditShown>;

export const AuditQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 500, default: 100 }),
  before: Type.Optional(Type.String({ pattern: "^\\d{1,18}$", description: "Id of the last entry already seen." })),
  from: Type.Optional(Time),
  to: Type.Optional(Time),
  service: Type.Optional(Word),
  action: Type.Optional(Word),
  person: Type.Optional(Type.String({ format: "uuid" })),
  q: Type.Optional(
    Type.String({ maxLength: 200, description: "Occurs in the action, a name, an address or details." }),
  ),
  access: Type.Optional(Type.Boolean({ description: "Also reads of secrets and findings of guardrails." })),
});
export type AuditQuery = Static<typeof AuditQuery>;

/** Entries of an organisation, the newest first; with `platform` also those that concern the platform itself. */
export async function readAudit(
  owner: Pool,
  { organisation, platform }: { organisation: string; platform: boolean },
  query: AuditQuery,
): Promise<AuditShown[]> {
  const { rows } = await owner.query<Omit<AuditShown, "at"> & { at: Date }>({
    name: "devflow.audit.read",
    text: `select id::text, at, service, action, kind,
        case when person_id is not null then json_build_object('id', person_id, 'name', person_name) end as person,
        coalesce(credential_name, case when credential ~ '^[a-z]' and credential !~ '^[0-9a-f]{8}-' then credential end) as by,
        coalesce(target_name, target) as target, target as "targetId", ip, request, details
      from devflow.audit
      where (organisation_id = $1 or ($2 and organisation_id is null))
        and ($3::bigint is null or (at, id) < (select b.at, b.id from devflow.audit b where b.id = $3))
        and ($4::timestamptz is null or at >= $4) and ($5::timestamptz is null or at < $5)
        and ($6::text is null or service = $6) and ($7::text is null or action = $7)
        and ($8::uuid is null or person_id = $8) and ($9 or kind = 'change')
        and ($10::text is null or position(lower($10) in lower(concat_ws(' ', action, service, person_name, credential_name,
          target_name, target, ip, details::text))) > 0)
      order by at desc, id desc limit $11`,
    values: [
      organisation,
      platform,
      query.before,
      query.from,
      query.to,
      query.service,
      query.action,
      query.person,
      query.access ?? false,
      query.q,
      query.limit,
    ],
  });
  return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
}

export const AuditChoices = Type.Object({
  services: Type.Array(Type.String()),
  actions: Type.Array(Type.String()),
  people: Type.Array(Type.Object({ id: Type.String(), name: Type.String() })),
});

/** What one can filter by: what occurs. */
export async function auditChoices(
  owner: Pool,
  { organisation }: { organisation: string },
): Promise<Static<typeof AuditChoices>> {
  const { rows } = await owner.query<Static<typeof AuditChoices>>(
    `select coalesce(array_agg(distinct service), '{}') as services, coalesce(array_agg(distinct action), '{}') as actions,
       coalesce((select json_agg(p order by p.name) from (
         select person_id as id, max(person_name) as name from devflow.audit
         where organisation_id = $1 and person_name is not null group by person_id) p), '[]') as people
     from devflow.audit where organisation_id = $1`,
    [organisation],
  );
  return rows[0] ?? { services: [], actions: [], people: [] };
}
