import type { Pool } from "pg";

/** Group of whoever administers the platform: owners and administrators of its first organisation. */
export const administrators = "devflow:administrators";

/**
 * What other programs learn of a person: `preferred_username`, and with the scope `groups` one `organisation:role` for
 * each role in each organisation.
 */
export async function claimsOf(
  pool: Pool,
  person: string,
  scopes: readonly string[],
): Promise<Record<string, unknown>> {
  const { rows } = await pool.query<{ username: string; groups: string[] }>(
    `select u.username, coalesce(array_agg(distinct o.slug || ':' || r.role) filter (where r.role is not null), '{}')
       || case when bool_or(first.id = o.id and r.role in ('owner', 'admin')) then array[$2] else '{}' end as groups
     from "user" u
     left join member m on m."userId" = u.id
     left join organization o on o.id = m."organizationId"
     left join lateral unnest(string_to_array(m.role, ',')) r (role) on true
     left join lateral (select id from organization order by "createdAt", id limit 1) first on true
     where u.id = $1 and not coalesce(u.disabled, false)
     group by u.id`,
    [person, administrators],
  );
  const [known] = rows;
  if (!known) return {};
  return {
    preferred_username: known.username,
    nickname: known.username,
    ...(scopes.includes("groups") && { groups: known.groups }),
  };
}
