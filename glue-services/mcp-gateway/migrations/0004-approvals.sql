-- Who asks, by which program, and which rule held the call: whoever decides must see it. Names are kept as they were.
alter table approval add person_id uuid, add asker text, add client text, add rule jsonb;
alter table approval drop constraint approval_state_check,
  add constraint approval_state_check check (state in ('pending', 'approved', 'denied', 'used', 'expired'));

-- A rule for one caller alone: a person with one program, or a key. It stands before all others.
alter table rule add agent text, add agent_name text,
  drop constraint rule_organisation_id_server_tool_role_person_id_key,
  add constraint rule_once unique nulls not distinct (organisation_id, server, tool, role, person_id, agent),
  add constraint rule_for_one check (agent is null or (role is null and person_id is null));

-- The name of a person or key, and that of a program which acts for a person. Only names leave the identity service's tables.
create function name_of(id text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  found text;
begin
  found := devflow.name_of(id);
  if found is null and to_regclass('identity."oauthClient"') is not null then
    execute 'select name from identity."oauthClient" where "clientId" = $1' into found using id;
  end if;
  return found;
end $$;

-- An approval is for a call that waits now, not for one of another day; and nobody decides about what was asked long ago.
create function expire_approvals() returns void language sql security definer set search_path = mcp_gateway, pg_temp as $$
  update approval set state = 'expired', arguments = null
  where (state = 'approved' and decided_at < now() - interval '24 hours')
    or (state = 'pending' and asked_at < now() - interval '7 days');
$$;
