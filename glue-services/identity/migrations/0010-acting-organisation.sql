-- A session acts for the organisation that the request names by its slug, as long as its person is a member; without one
-- for the organisation that it is set to, or the first that still has its person.
create function session_identity(session_token text, asked_slug text)
returns table (person uuid, organisation uuid, roles text[], scopes text[], credential uuid)
language sql stable security definer set search_path = identity, pg_catalog, pg_temp as $$
  select u.id, m."organizationId",
    case when held.list && '{owner,admin}' and m."organizationId" = (select id from organization order by "createdAt", id limit 1)
      then held.list || '{platform-administrator}' else held.list end,
    what_roles_allow(m."organizationId", held.list), s.id
  from session s
  join "user" u on u.id = s."userId"
  cross join lateral (
    select * from member m
    where m."userId" = u.id
      and (asked_slug is null or m."organizationId" = (select id from organization where slug = asked_slug))
    order by (m."organizationId"::text = s."activeOrganizationId") desc nulls last, m."createdAt" limit 1
  ) m
  cross join lateral (select string_to_array(m.role, ',') as list) held
  where s.token = session_token and s."expiresAt" > now() and not u.disabled
$$;

create or replace function session_identity(session_token text)
returns table (person uuid, organisation uuid, roles text[], scopes text[], credential uuid)
language sql stable security definer set search_path = identity, pg_catalog, pg_temp as $$
  select * from session_identity(session_token, null)
$$;
