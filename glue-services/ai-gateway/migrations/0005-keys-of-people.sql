-- A virtual key acts by the right of the person who made it, also when one of their other keys made it: for those made
-- before, the audit log says which.
do $$ begin
  if to_regclass('identity.api_key') is not null then
    update ai_gateway.virtual_key k set created_by = made.created_by
    from ai_gateway.audit a join identity.api_key made on made.id::text = a.credential
    where k.created_by is null and a.action = 'key.made' and a.target = k.id::text;
  end if;
end $$;

drop function key_of(bytea);
create function key_of(key_hash bytea)
returns table (id uuid, organisation uuid, project uuid, models text[], expires_at timestamptz, maker uuid)
language sql stable security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
  select k.id, k.organisation_id, k.project_id, k.models, k.expires_at, k.created_by from virtual_key k
  where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;
