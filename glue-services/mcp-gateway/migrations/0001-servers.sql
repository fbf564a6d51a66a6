-- MCP servers that an organisation (person_id null) or one of its people added.
create table server (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  -- Null: for everyone in the organisation.
  person_id uuid,
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,30}$'),
  title text not null default '',
  transport text not null check (transport in ('http', 'sse', 'stdio')),
  url text,
  command text[],
  -- Names to {"value"} or {"secret": name in the secrets service}.
  headers jsonb not null default '{}',
  environment jsonb not null default '{}',
  enabled boolean not null default true,
  -- Its address may be in a private network.
  internal boolean not null default false,
  changed_at timestamptz not null default now(),
  created_by uuid default devflow.person(),
  check ((transport = 'stdio') = (command is not null)),
  check ((transport = 'stdio') = (url is null)),
  unique nulls not distinct (organisation_id, person_id, name)
);
select devflow.protect('server');

-- Who may call which tools; the most particular rule that fits decides, and the stricter of two equals.
create table rule (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  -- Null: of every server.
  server text,
  -- Glob over the tool's own name.
  tool text not null,
  -- Null: for everyone; else a role or a person's id.
  role text,
  person_id uuid,
  effect text not null check (effect in ('allow', 'approve', 'deny')),
  created_at timestamptz not null default now(),
  check (role is null or person_id is null),
  unique nulls not distinct (organisation_id, server, tool, role, person_id)
);
select devflow.protect('rule');

-- A call that waits for somebody's word. Arguments are kept only as long as that: they may be private.
create table approval (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  server text not null,
  tool text not null,
  arguments jsonb,
  -- SHA-256 of server, tool and arguments: what is approved is this call and no other.
  digest bytea not null,
  asked_by text not null,
  asked_at timestamptz not null default now(),
  state text not null default 'pending' check (state in ('pending', 'approved', 'denied', 'used')),
  decided_by uuid,
  decided_at timestamptz
);
create index on approval (organisation_id, asked_at desc);
-- One question at a time for one call of one caller.
create unique index on approval (organisation_id, digest, asked_by) where state in ('pending', 'approved');
select devflow.protect('approval');

-- What agents did. Arguments are kept as their digest only.
create table call (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  at timestamptz not null default now(),
  caller text not null,
  person_id uuid,
  server text not null,
  method text not null,
  -- Tool, prompt or address of a resource.
  target text,
  digest text,
  outcome text not null check (outcome in ('done', 'error', 'denied', 'waiting', 'unreachable')),
  ms integer not null
);
create index on call (organisation_id, at desc);
select devflow.protect('call');

-- What somebody changed; no secret is ever part of it.
create table audit (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  at timestamptz not null default now(),
  person_id uuid default devflow.person(),
  credential text,
  action text not null,
  target text,
  details jsonb not null default '{}'
);
create index on audit (organisation_id, at desc);
select devflow.protect('audit');

-- The last good answers of each server, shown with their age while it is away.
create table answer (
  organisation_id uuid not null default devflow.organisation(),
  server_id uuid not null references server on delete cascade,
  -- Whose answers they are: servers may answer each person differently.
  caller text not null,
  -- Method, and the address for what is read.
  question text not null,
  result jsonb not null,
  at timestamptz not null default now(),
  primary key (organisation_id, server_id, caller, question)
);
select devflow.protect('answer');

create function tell_change() returns trigger language plpgsql as $$
begin
  notify devflow_mcp_gateway;
  return null;
end $$;
create trigger tell after insert or update or delete on server for each statement execute function tell_change();
create trigger tell after insert or update or delete on rule for each statement execute function tell_change();

-- Calls of many organisations in one statement; each row says whose it is, as the host that wrote it knows.
create function note_calls(entries jsonb) returns void language sql security definer set search_path = mcp_gateway, pg_temp as $$
  insert into call (organisation_id, at, caller, person_id, server, method, target, digest, outcome, ms)
  select organisation_id, at, caller, person_id, server, method, target, digest, outcome, ms
  from jsonb_to_recordset(entries) as e(organisation_id uuid, at timestamptz, caller text, person_id uuid, server text,
    method text, target text, digest text, outcome text, ms integer);
$$;

create function forget_calls(before timestamptz, most integer) returns integer language sql security definer set search_path = mcp_gateway, pg_temp as $$
  with gone as (delete from call where id in (select id from call where at < before limit most) returning 1)
  select count(*)::integer from gone;
$$;
