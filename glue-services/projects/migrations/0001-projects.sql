-- The unit that all products share. Other services keep its id and follow its events.
create table project (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  name text not null,
  slug text not null check (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(slug) <= 60),
  description text not null default '',
  state text not null default 'active' check (state in ('active', 'archived', 'deleting')),
  -- What everyone in the organisation may do who is not a member of the project; null: not even know of it.
  everyone text check (everyone in ('viewer', 'member')),
  created_by uuid default devflow.person(),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  unique (organisation_id, slug),
  unique (organisation_id, id)
);
create index on project (organisation_id, name);
select devflow.protect('project');

create table member (
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  person_id uuid not null,
  role text not null check (role in ('viewer', 'member', 'maintainer', 'owner')),
  added_by uuid default devflow.person(),
  added_at timestamptz not null default now(),
  primary key (project_id, person_id),
  foreign key (organisation_id, project_id) references project (organisation_id, id) on delete cascade
);
create index on member (organisation_id, person_id);
select devflow.protect('member');

create table environment (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  name text not null check (name ~ '^(production|staging|preview/[1-9][0-9]{0,8})$'),
  created_at timestamptz not null default now(),
  unique (project_id, name),
  foreign key (organisation_id, project_id) references project (organisation_id, id) on delete cascade
);
create index on environment (organisation_id);
select devflow.protect('environment');

-- What is done to a project in all services. It is written with the event that asks them, and outlives the project.
create table change (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  -- Of the project, when it was asked for.
  name text not null,
  kind text not null check (kind in ('create', 'rename', 'archive', 'restore', 'delete')),
  state text not null default 'running' check (state in ('running', 'done')),
  asked_by uuid default devflow.person(),
  asked_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (organisation_id, id)
);
create index on change (organisation_id, project_id, asked_at desc);
create index on change (organisation_id) where state = 'running';
select devflow.protect('change');

-- One row for each service that was asked.
create table part (
  organisation_id uuid not null default devflow.organisation(),
  change_id uuid not null,
  service text not null,
  state text not null default 'waiting' check (state in ('waiting', 'done', 'given-up')),
  -- What it says is still to be done.
  remaining text,
  answered_at timestamptz,
  primary key (change_id, service),
  foreign key (organisation_id, change_id) references change (organisation_id, id) on delete cascade
);
create index on part (organisation_id);
select devflow.protect('part');

-- Projects were the knowledge service's before: each keeps its id, and everyone in its organisation may do with it what
-- they could.
do $$
declare
  former record;
  base text;
  free text;
begin
  if to_regclass('knowledge.project') is null then return; end if;
  for former in select * from knowledge.project order by created_at, id loop
    base := trim(both '-' from left(regexp_replace(
      regexp_replace(lower(normalize(former.title, nfkd)), '[\u0300-\u036f]', '', 'g'), '[^a-z0-9]+', '-', 'g'), 40));
    if base = '' then base := 'project'; end if;
    if base in ('new', 'changes') or base ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then base := base || '-project'; end if;
    free := base;
    for number in 2 .. 1000000 loop
      exit when not exists (
        select from project p where p.organisation_id = former.organisation_id and p.slug = free
      );
      free := base || '-' || number;
    end loop;
    insert into project (id, organisation_id, name, slug, description, state, everyone, created_by, created_at, changed_at)
    values (former.id, former.organisation_id, former.title, free, former.description,
      case when former.archived_at is null then 'active' else 'archived' end, 'member', former.created_by,
      former.created_at, former.changed_at);
  end loop;
  insert into member (organisation_id, project_id, person_id, role, added_by, added_at)
  select organisation_id, id, created_by, 'owner', created_by, created_at from project where created_by is not null;
  insert into environment (organisation_id, project_id, name)
  select organisation_id, id, unnest(array['production', 'staging']) from project;
end $$;
