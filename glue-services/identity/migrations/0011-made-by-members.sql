-- What a person may do by something that was made at `made`: nothing, when they left since and were let in again. What they
-- made before stays ended.
create function permissions_now(in_organisation uuid, of_person uuid, made timestamptz) returns text[]
language sql stable security definer set search_path = identity, pg_catalog, pg_temp as $$
  select what_roles_allow(m."organizationId", string_to_array(m.role, ','))
  from member m join "user" u on u.id = m."userId" and not u.disabled
  where m."organizationId" = in_organisation and m."userId" = of_person and m."createdAt" <= made
$$;

-- As before, for keys made since their person joined.
create or replace function key_identity(key_hash bytea)
returns table (organisation uuid, scopes text[], credential uuid, maker uuid, allowed text[])
language plpgsql security definer set search_path = identity, pg_catalog, pg_temp as $$
begin
  return query
    select k.organisation_id, k.scopes, k.id, k.created_by, now_allowed
    from api_key k cross join lateral permissions_now(k.organisation_id, k.created_by, k.created_at) now_allowed
    where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and now_allowed is not null;
  if not found then return; end if;
  update api_key k set last_used_at = now()
  where k.hash = key_hash and (k.last_used_at is null or k.last_used_at < now() - interval '5 minutes');
end $$;
