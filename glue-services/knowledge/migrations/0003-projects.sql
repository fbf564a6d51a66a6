-- What people and agents work on together: sources, documents and tasks.
create table project (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  title text not null,
  description text not null default '',
  repository text,
  archived_at timestamptz,
  created_by uuid default devflow.person(),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  unique (organisation_id, id)
);
create index on project (organisation_id, changed_at);
select devflow.protect('project');

-- References carry the organisation: none can be made to what belongs to another one.
create table project_source (
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  source_id uuid not null,
  primary key (project_id, source_id),
  foreign key (organisation_id, project_id) references project (organisation_id, id) on delete cascade,
  foreign key (organisation_id, source_id) references source (organisation_id, id) on delete cascade
);
create index on project_source (source_id);
select devflow.protect('project_source');

create table document (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  title text not null,
  content text not null,
  version int not null default 1,
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  changed_by uuid default devflow.person(),
  unique (organisation_id, id),
  foreign key (organisation_id, project_id) references project (organisation_id, id) on delete cascade
);
create index on document (project_id, title);
select devflow.protect('document');

-- Every version, the current one included. Restoring an old one makes a new one.
create table document_version (
  organisation_id uuid not null default devflow.organisation(),
  document_id uuid not null,
  version int not null,
  title text not null,
  content text not null,
  note text not null default '',
  made_by uuid default devflow.person(),
  made_at timestamptz not null default now(),
  primary key (document_id, version),
  foreign key (organisation_id, document_id) references document (organisation_id, id) on delete cascade
);
create index on document_version (organisation_id);
select devflow.protect('document_version');

create table task (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  title text not null,
  description text not null default '',
  status text not null default 'todo' check (status in ('todo', 'doing', 'review', 'done')),
  priority text not null default 'medium' check (priority in ('low', 'medium', 'high', 'critical')),
  -- Its place in the column: between two others there is always a number left.
  place numeric not null,
  labels text[] not null default '{}',
  assignee_kind text check (assignee_kind in ('person', 'agent')),
  assignee text,
  version int not null default 1,
  archived_at timestamptz,
  created_by uuid default devflow.person(),
  created_at timestamptz not null default now(),
  changed_at timestamptz not null default now(),
  check ((assignee_kind is null) = (assignee is null)),
  unique (organisation_id, id),
  unique (organisation_id, project_id, id),
  foreign key (organisation_id, project_id) references project (organisation_id, id) on delete cascade
);
create index on task (project_id, status, place);
create index on task (organisation_id, assignee);
select devflow.protect('task');

-- A task that cannot begin before another is done; both are of one project.
create table task_dependency (
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  task_id uuid not null,
  needs_id uuid not null,
  primary key (task_id, needs_id),
  check (task_id <> needs_id),
  foreign key (organisation_id, project_id, task_id) references task (organisation_id, project_id, id) on delete cascade,
  foreign key (organisation_id, project_id, needs_id) references task (organisation_id, project_id, id) on delete cascade
);
create index on task_dependency (needs_id);
create index on task_dependency (project_id);
select devflow.protect('task_dependency');

-- How Gitea proves that it tells of a push.
alter table source add column hook_secret text;
create function knowledge.hook_of(source uuid) returns table (organisation_id uuid, secret text)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select s.organisation_id, s.hook_secret from source s where s.id = source and s.kind = 'git' and s.hook_secret is not null;
$$;
