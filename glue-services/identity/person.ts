import type { Pool } from "pg";

/** Who is asked to agree to something, and the organisations that it may be for, by name. */
export interface PersonAsked {
  name: string;
  email: string;
  organisations: { id: string; name: string }[];
}

export async function personAsked(pool: Pool, id: string): Promise<PersonAsked> {
  const { rows } = await pool.query<PersonAsked>(
    `select u.name, u.email, coalesce((select jsonb_agg(jsonb_build_object('id', o.id, 'name', o.name) order by o.name)
       from member m join organization o on o.id = m."organizationId" where m."userId" = u.id), '[]') as organisations
     from "user" u where u.id = $1`,
    [id],
  );
  return rows[0] ?? { name: "", email: "", organisations: [] };
}
