-- Names of the secrets that were kept for a server when it was given with their values; they end with it. Null: an earlier
-- version stored it, and its values were not looked at yet.
alter table server add kept text[];
alter table server alter kept set default '{}';

-- Of all organisations, for the host that looks at them when it starts.
create function servers_to_check() returns table (organisation_id uuid, id uuid)
language sql stable security definer set search_path = mcp_gateway, pg_temp as $$
  select organisation_id, id from server where kept is null order by id limit 10000;
$$;
