-- What was recorded goes to the one log of all services. The view under the former name serves hosts of the version before
-- while they are replaced, and whoever asks for this service's entries alone.
insert into devflow.audit (
  organisation_id, at, service, action, kind, person_id, person_name, credential, credential_name, target, target_name, details
)
select a.organisation_id, a.at, 'mcp_gateway', a.action,
  case when a.action like 'guard.%' then 'access' else 'change' end, a.person_id, devflow.name_of(a.person_id::text), a.credential,
  devflow.name_of(a.credential), a.target, devflow.name_of(a.target), a.details
from audit a order by a.at, a.id;
drop table audit;

create view audit with (security_invoker = true) as
  select id, organisation_id, at, person_id as person_id, credential, action, target, details
  from devflow.audit where service = 'mcp_gateway';
create function add_audit() returns trigger language plpgsql as $$
begin
  perform devflow.write_audit(jsonb_build_object(
    'service', 'mcp_gateway', 'credential', new.credential, 'action', new.action,
    'kind', case when new.action like 'guard.%' then 'access' else 'change' end, 'target', new.target,
    'details', new.details));
  return new;
end $$;
create trigger add instead of insert on audit for each row execute function add_audit();
do $$ begin
  execute format('revoke update, delete, truncate on audit from %I', current_database() || '_mcp_gateway');
end $$;
