-- When a key was made: it ends with its maker's membership, also when they come back.
drop function key_of(bytea);
create function key_of(key_hash bytea)
returns table (
  id uuid, organisation uuid, project uuid, models text[], expires_at timestamptz, maker uuid, personal boolean,
  made timestamptz
)
language sql stable security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
  select k.id, k.organisation_id, k.project_id, k.models, k.expires_at, k.created_by, k.personal, k.created_at
  from virtual_key k
  where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;
