-- Keys that the values of one organisation are encrypted with, themselves encrypted with the stack's master key.
create table data_key (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  version int not null,
  wrapped bytea not null,
  -- Id of the master key, which follows from the key and says nothing about it.
  wrapped_by text not null,
  created_at timestamptz not null default now(),
  unique (organisation_id, version)
);
select devflow.protect('data_key');

-- Names people gave. A reference is where the value is, not the value, so it stands as it is.
create table secret (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid,
  name text not null check (name ~ '^[A-Z][A-Z0-9_]{0,127}$'),
  reference text check (reference ~ '^(op://|env:)'),
  version int not null default 1,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  changed_by uuid default devflow.person(),
  last_used_at timestamptz,
  unique nulls not distinct (organisation_id, project_id, name)
);
select devflow.protect('secret');

-- One row a value. During a rotation the one before the current one still stands, until valid_until.
create table secret_value (
  secret_id uuid not null references secret (id) on delete cascade,
  organisation_id uuid not null default devflow.organisation(),
  version int not null,
  data_key_id uuid not null references data_key (id),
  sealed bytea not null,
  created_at timestamptz not null default now(),
  valid_until timestamptz,
  primary key (secret_id, version)
);
create index on secret_value (valid_until) where valid_until is not null;
select devflow.protect('secret_value');

-- Who read, set, rotated or deleted what. Rows are only ever added.
create table audit (
  id bigint generated always as identity primary key,
  organisation_id uuid not null default devflow.organisation(),
  at timestamptz not null default clock_timestamp(),
  person uuid default devflow.person(),
  credential text,
  action text not null check (action in ('read', 'refused', 'set', 'rotated', 'deleted')),
  tier text not null check (tier in ('platform', 'organisation', 'project')),
  project_id uuid,
  name text not null,
  version int,
  -- Service and purpose of a read.
  purpose text
);
create index on audit (organisation_id, id);
select devflow.protect('audit');
do $$ begin
  execute format('revoke update, delete, truncate on audit from %I', current_database() || '_secrets');
end $$;

-- Organisations whose data keys are wrapped by another master key than this one. Only their ids leave it.
create function stale_organisations(current_key text) returns setof uuid
language sql stable security definer set search_path = secrets, pg_catalog, pg_temp as $$
  select distinct organisation_id from data_key where wrapped_by <> current_key
$$;

-- Takes away values whose overlap has ended. Run as a job for all organisations at once.
create function forget_former() returns int
language plpgsql security definer set search_path = secrets, pg_catalog, pg_temp as $$
declare
  gone int;
begin
  delete from secret_value where valid_until < now();
  get diagnostics gone = row_count;
  return gone;
end $$;
