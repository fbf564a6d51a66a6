-- What was recorded goes to the one log of all services. The view under the former name serves hosts of the version before
-- while they are replaced, and whoever asks for this service's entries alone.
insert into devflow.audit (
  organisation_id, at, service, action, kind, person_id, person_name, credential, credential_name, target, details
)
select organisation_id, at, 'secrets', 'secret.' || action,
  case when action in ('read', 'refused') then 'access' else 'change' end, person, devflow.name_of(person::text), credential,
  devflow.name_of(credential), name,
  jsonb_strip_nulls(jsonb_build_object('tier', tier, 'project', project_id, 'version', version, 'purpose', purpose))
from audit order by id;
drop table audit;

create view audit with (security_invoker = true) as
  select id, organisation_id, at, person_id as person, credential, replace(action, 'secret.', '') as action,
    details ->> 'tier' as tier, (details ->> 'project')::uuid as project_id, target as name,
    (details ->> 'version')::int as version, details ->> 'purpose' as purpose
  from devflow.audit where service = 'secrets';
create function add_audit() returns trigger language plpgsql as $$
begin
  perform devflow.write_audit(jsonb_build_object(
    'service', 'secrets', 'credential', new.credential, 'action', 'secret.' || new.action,
    'kind', case when new.action in ('read', 'refused') then 'access' else 'change' end, 'target', new.name,
    'details', jsonb_strip_nulls(jsonb_build_object(
      'tier', new.tier, 'project', new.project_id, 'version', new.version, 'purpose', new.purpose))));
  return new;
end $$;
create trigger add instead of insert on audit for each row execute function add_audit();
do $$ begin
  execute format('revoke update, delete, truncate on audit from %I', current_database() || '_secrets');
end $$;
