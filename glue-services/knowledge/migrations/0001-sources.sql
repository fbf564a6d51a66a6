create extension if not exists vector;

-- What is read: a site, a repository, or files that were uploaded. Two of them may have the same address or domain.
create table source (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  kind text not null check (kind in ('site', 'git', 'files')),
  name text not null,
  address text,
  settings jsonb not null default '{}',
  tags text[] not null default '{}',
  -- Hours between two readings; null: only when somebody asks.
  refresh_hours int check (refresh_hours between 1 and 8760),
  created_by uuid default devflow.person(),
  created_at timestamptz not null default now(),
  read_at timestamptz,
  unique (organisation_id, id)
);
create index on source (organisation_id, created_at);
create index on source (read_at) where refresh_hours is not null;
select devflow.protect('source');

-- One reading of a source. Its numbers change in the transactions of what they count.
create table run (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  source_id uuid not null references source on delete cascade,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'cancelled')),
  found int not null default 0,
  read int not null default 0,
  unchanged int not null default 0,
  skipped int not null default 0,
  failed int not null default 0,
  removed int not null default 0,
  note text,
  commit_hash text,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  -- When a job last took it up.
  touched_at timestamptz not null default now(),
  ended_at timestamptz
);
create index on run (source_id, created_at desc);
create index on run (organisation_id);
-- One at a time: two readings of a source would take each other's pages for gone.
create unique index on run (source_id) where state in ('waiting', 'running');
select devflow.protect('run');

-- What a run still has to read, and what became of the rest; written down before it is asked for, so that a run that was
-- killed goes on where it was.
create table frontier (
  id bigint generated always as identity primary key,
  organisation_id uuid not null default devflow.organisation(),
  run_id uuid not null references run on delete cascade,
  address text not null,
  depth int not null default 0,
  state text not null default 'waiting' check (state in ('waiting', 'read', 'unchanged', 'skipped', 'failed')),
  attempts int not null default 0,
  -- Since when it is in hand; the next job of the run takes up what the last one left.
  taken_at timestamptz,
  retry_at timestamptz,
  note text
);
create unique index on frontier (run_id, md5(address));
create index frontier_waiting on frontier (run_id, depth, id) where state = 'waiting';
create index on frontier (organisation_id);
select devflow.protect('frontier');

create table page (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  source_id uuid not null references source on delete cascade,
  address text not null,
  title text not null,
  content text not null,
  media text not null,
  language text not null,
  hash bytea not null,
  etag text,
  last_modified text,
  -- The run that saw it last; what a complete run has not seen is gone.
  seen_by uuid,
  changed_at timestamptz not null default now(),
  unique (organisation_id, id)
);
create unique index on page (source_id, md5(address));
create index on page (organisation_id);
select devflow.protect('page');

-- A piece of a page that is found as one. Lines are those of the page's content, counted from 1.
create table chunk (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  source_id uuid not null references source on delete cascade,
  page_id uuid not null references page on delete cascade,
  ordinal int not null,
  kind text not null check (kind in ('prose', 'code', 'table')),
  heading text not null,
  content text not null,
  identifiers text not null,
  first_line int not null,
  last_line int not null,
  tokens int not null,
  language regconfig not null,
  hash bytea not null,
  terms tsvector not null generated always as (
    setweight(to_tsvector(language, heading), 'B') || setweight(to_tsvector(language, content), 'C')
    || setweight(to_tsvector('simple', identifiers), 'D')
  ) stored
);
create index on chunk (page_id, ordinal);
create index on chunk (source_id);
create index on chunk (organisation_id);
create index on chunk using gin (terms);
select devflow.protect('chunk');

-- A file as it was uploaded, until it has been read.
create table upload (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  run_id uuid not null references run on delete cascade,
  name text not null,
  media text not null,
  body bytea not null
);
create index on upload (run_id);
create index on upload (organisation_id);
select devflow.protect('upload');

-- An organisation's choices.
create table setting (
  organisation_id uuid primary key default devflow.organisation(),
  embedding_model text not null default 'embed',
  answer_model text not null default 'smart',
  rerank_model text
);
select devflow.protect('setting');
