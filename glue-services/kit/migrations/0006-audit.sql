-- Who changed what concerns access, cost or secrets, of all services and organisations. Rows are only ever added: services
-- write by the function below and may read what is of the organisation in force. Names are kept as they were, so that an
-- entry says who and what it was about when they are gone.
create table devflow.audit (
  id bigint generated always as identity primary key,
  -- Null: it concerns the platform itself.
  organisation_id uuid,
  at timestamptz not null default clock_timestamp(),
  service text not null,
  -- What happened, without its service: key.made.
  action text not null,
  -- Reads of secrets and findings of guardrails are many, and change nothing.
  kind text not null default 'change' check (kind in ('change', 'access')),
  person_id uuid,
  person_name text,
  -- The session, key or consent by which it was done, and the name of the key or program.
  credential text,
  credential_name text,
  -- Id or name of what it happened to, and its name where the first is an id.
  target text,
  target_name text,
  ip text,
  request uuid,
  details jsonb not null default '{}'
);
create index on devflow.audit (organisation_id, at desc, id desc);
select devflow.protect('devflow.audit');
grant select on devflow.audit to public;

-- The name of a person, key, invitation or organisation by its id. Services have no way into the tables of another; a name
-- in an entry of their organisation's is all that leaves.
create function devflow.name_of(id text) returns text
language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
declare
  found text;
begin
  if id !~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' or to_regclass('identity.api_key') is null then return null; end if;
  execute 'select coalesce(
    (select name from identity."user" p where p.id = $1), (select name from identity.api_key k where k.id = $1),
    (select email from identity.invitation i where i.id = $1), (select name from identity.organization o where o.id = $1))'
    into found using id::uuid;
  return found;
end $$;
revoke execute on function devflow.name_of from public;

-- Adds an entry in the transaction of what it is about. Only the identity service may write for an organisation, or a
-- person, other than those in force: nobody is signed in yet while they sign in.
create function devflow.write_audit(entry jsonb) returns void
language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
declare
  service text := coalesce(devflow.caller(), entry ->> 'service', 'platform');
  organisation uuid := coalesce((entry ->> 'organisation')::uuid, devflow.organisation());
  person uuid := coalesce((entry ->> 'person')::uuid, devflow.person());
begin
  if devflow.caller() <> 'identity'
    and (organisation is distinct from devflow.organisation() or person is distinct from devflow.person()) then
    raise exception 'the service % may not write for another organisation or person', devflow.caller()
      using errcode = 'insufficient_privilege';
  end if;
  insert into devflow.audit (
    organisation_id, service, action, kind, person_id, person_name, credential, credential_name, target, target_name, ip,
    request, details
  ) values (
    organisation, service, entry ->> 'action', coalesce(entry ->> 'kind', 'change'), person, devflow.name_of(person::text),
    entry ->> 'credential', coalesce(entry ->> 'client', devflow.name_of(entry ->> 'credential')), entry ->> 'target',
    coalesce(entry ->> 'name', devflow.name_of(entry ->> 'target')), entry ->> 'ip', (entry ->> 'request')::uuid,
    coalesce(nullif(entry -> 'details', 'null'), '{}')
  );
end $$;
