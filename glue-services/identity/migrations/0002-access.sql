-- Roles are data: what a role may do is a list of resource:action, where * stands for every one of either. Those without
-- an organisation are built in and the same for all.
create table role (
  id uuid primary key default uuidv7(),
  organisation_id uuid references organization (id) on delete cascade,
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,38}$'),
  description text not null default '',
  permissions text[] not null,
  unique nulls not distinct (organisation_id, name)
);
alter table role enable row level security;
alter table role force row level security;
create policy owner on role to current_user using (true) with check (true);
create policy tenant on role using (organisation_id = (select devflow.organisation()))
  with check (organisation_id = (select devflow.organisation()));
create policy built_in on role for select using (organisation_id is null);
insert into role (name, description, permissions) values
  ('owner', 'May do everything, and make others owners.', '{*}'),
  ('admin', 'May do everything except what concerns owners.', '{*}'),
  ('developer', 'Builds: reads everything, writes and runs what is built.', '{*:read,*:write,*:run}'),
  ('viewer', 'Sees everything and changes nothing.', '{*:read}');

-- Keys of programs. The key itself is shown once and is 256 random bits, so one SHA-256 keeps it safe.
create table api_key (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation() references organization (id) on delete cascade,
  name text not null,
  start text not null,
  hash bytea not null unique,
  scopes text[] not null,
  created_by uuid default devflow.person() references "user" (id) on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  last_used_at timestamptz,
  revoked_at timestamptz
);
create index on api_key (organisation_id, created_at);
select devflow.protect('api_key');

-- Who did what. Rows are only ever added: the service's role has no policy by which it could change or delete one.
create table audit (
  id bigint generated always as identity primary key,
  organisation_id uuid,
  at timestamptz not null default clock_timestamp(),
  actor uuid,
  credential text,
  action text not null,
  target text,
  ip text,
  request uuid,
  details jsonb not null default '{}'
);
create index on audit (organisation_id, id);
alter table audit enable row level security;
alter table audit force row level security;
create policy owner on audit to current_user using (true) with check (true);
create policy tenant on audit for select using (organisation_id = (select devflow.organisation()));
create policy anyone_adds on audit for insert with check (true);
do $$ begin
  execute format('revoke update, delete, truncate on audit from %I', current_database() || '_identity');
end $$;

-- Links that prove something once. Only a hash is kept; whoever reads this table cannot use them.
create table one_time_link (
  id uuid primary key default uuidv7(),
  purpose text not null check (purpose in ('welcome', 'reset', 'invitation')),
  hash bytea not null unique,
  person_id uuid references "user" (id) on delete cascade,
  invitation_id uuid references invitation (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

-- Failed attempts to prove who one is, counted by account and by address; both stand here as hashes.
create table failed_attempt (
  key bytea not null,
  at timestamptz not null default now()
);
create index on failed_attempt (key, at);
create index on failed_attempt (at);

create function what_roles_allow(organisation uuid, roles text[]) returns text[] language sql stable as $$
  select coalesce(array_agg(distinct permission), '{}') from role r, unnest(r.permissions) permission
  where r.name = any (roles) and (r.organisation_id is null or r.organisation_id = organisation)
$$;

-- Who a session belongs to and what they may do, for the organisation it is set to, or the first that still has them.
create function session_identity(session_token text)
returns table (person uuid, organisation uuid, roles text[], scopes text[], credential uuid)
language sql stable security definer set search_path = identity, pg_catalog, pg_temp as $$
  select u.id, m."organizationId", roles.list, what_roles_allow(m."organizationId", roles.list), s.id
  from session s
  join "user" u on u.id = s."userId"
  cross join lateral (
    select * from member m where m."userId" = u.id
    order by (m."organizationId"::text = s."activeOrganizationId") desc nulls last, m."createdAt" limit 1
  ) m
  cross join lateral (select string_to_array(m.role, ',') as list) roles
  where s.token = session_token and s."expiresAt" > now() and not u.disabled
$$;

create function key_identity(key_hash bytea)
returns table (organisation uuid, scopes text[], credential uuid)
language plpgsql security definer set search_path = identity, pg_catalog, pg_temp as $$
begin
  return query select k.organisation_id, k.scopes, k.id from api_key k
    where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now());
  update api_key k set last_used_at = now()
  where k.hash = key_hash and (k.last_used_at is null or k.last_used_at < now() - interval '5 minutes');
end $$;

-- Whatever changes who may do what wakes every host, which then forgets what it knew.
create function tell_change() returns trigger language plpgsql as $$
begin
  notify devflow_identity;
  return null;
end $$;
create trigger tell after update or delete on session for each statement execute function tell_change();
create trigger tell after insert or update or delete on member for each statement execute function tell_change();
create trigger tell after update of disabled or delete on "user" for each statement execute function tell_change();
create trigger tell after insert or update or delete on role for each statement execute function tell_change();
create trigger tell after delete or update of revoked_at, expires_at, scopes on api_key
  for each statement execute function tell_change();
