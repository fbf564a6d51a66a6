-- Keys that people make for themselves, without the right to manage everybody's: their calls count as the person's own.
alter table virtual_key add column personal boolean not null default false;
create index on virtual_key (organisation_id, created_by) where personal and revoked_at is null;

drop function key_of(bytea);
create function key_of(key_hash bytea)
returns table (
  id uuid, organisation uuid, project uuid, models text[], expires_at timestamptz, maker uuid, personal boolean
)
language sql stable security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
  select k.id, k.organisation_id, k.project_id, k.models, k.expires_at, k.created_by, k.personal from virtual_key k
  where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;
