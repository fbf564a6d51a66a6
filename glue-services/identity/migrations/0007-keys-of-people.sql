-- A key acts by the right of a person, and ends with it. Keys that a key made belong to the person at the root of the
-- chain; for those made before, the audit log says which key made them.
do $$
declare
  found int := 1;
begin
  while found > 0 loop
    update identity.api_key k set created_by = parent.created_by
    from identity.audit a join identity.api_key parent on parent.id::text = a.credential
    where k.created_by is null and a.action = 'key.made' and a.target = k.id::text and parent.created_by is not null;
    get diagnostics found = row_count;
  end loop;
end $$;

-- What a person may do in an organisation now. Null: disabled, removed, or never there.
create function permissions_now(in_organisation uuid, of_person uuid) returns text[]
language sql stable security definer set search_path = identity, pg_catalog, pg_temp as $$
  select what_roles_allow(m."organizationId", string_to_array(m.role, ','))
  from member m join "user" u on u.id = m."userId" and not u.disabled
  where m."organizationId" = in_organisation and m."userId" = of_person
$$;

-- Who a key acts for: `scopes` are what it was made for, `allowed` what its person may do now.
drop function key_identity(bytea);
create function key_identity(key_hash bytea)
returns table (organisation uuid, scopes text[], credential uuid, maker uuid, allowed text[])
language plpgsql security definer set search_path = identity, pg_catalog, pg_temp as $$
begin
  return query
    select k.organisation_id, k.scopes, k.id, k.created_by, now_allowed
    from api_key k cross join lateral permissions_now(k.organisation_id, k.created_by) now_allowed
    where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and now_allowed is not null;
  if not found then return; end if;
  update api_key k set last_used_at = now()
  where k.hash = key_hash and (k.last_used_at is null or k.last_used_at < now() - interval '5 minutes');
end $$;
