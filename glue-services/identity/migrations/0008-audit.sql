-- What was recorded goes to the one log of all services. The view under the former name serves hosts of the version before
-- while they are replaced, and whoever asks for this service's entries alone.
insert into devflow.audit (
  organisation_id, at, service, action, person_id, person_name, credential, credential_name, target, target_name, ip, request,
  details
)
select organisation_id, at, 'identity', action, actor, devflow.name_of(actor::text), credential,
  devflow.name_of(credential), target, devflow.name_of(target), ip, request, details
from audit order by id;
drop table audit;

create view audit with (security_invoker = true) as
  select id, organisation_id, at, person_id as actor, credential, action, target, ip, request, details
  from devflow.audit where service = 'identity';
create function add_audit() returns trigger language plpgsql as $$
begin
  perform devflow.write_audit(jsonb_build_object(
    'service', 'identity', 'organisation', new.organisation_id, 'person', new.actor, 'credential', new.credential,
    'action', new.action, 'target', new.target, 'ip', new.ip, 'request', new.request, 'details', new.details));
  return new;
end $$;
create trigger add instead of insert on audit for each row execute function add_audit();
do $$ begin
  execute format('revoke update, delete, truncate on audit from %I', current_database() || '_identity');
end $$;
