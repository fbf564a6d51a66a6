-- Keys of programs that call models. The key is 256 random bits and shown once, so one SHA-256 keeps it safe.
create table virtual_key (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid,
  name text not null,
  start text not null,
  hash bytea not null unique,
  -- Names of models and routes it may use; empty: all.
  models text[] not null default '{}',
  created_by uuid default devflow.person(),
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index on virtual_key (organisation_id, created_at);
select devflow.protect('virtual_key');

-- Providers of an organisation, beside those of the platform's configuration. The key is a name in the secrets service.
create table provider (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  name text not null check (name ~ '^[a-z][a-z0-9-]{0,30}$'),
  kind text not null check (kind in ('openai', 'anthropic', 'google', 'bedrock', 'openai-compatible')),
  base_url text,
  secret text,
  -- Nobody bills its calls: a server of one's own.
  free boolean not null default false,
  -- Its address may be in a private network.
  internal boolean not null default false,
  created_at timestamptz not null default now(),
  unique (organisation_id, name)
);
select devflow.protect('provider');

-- A name people ask for, and the models that answer, in order of preference: [{"model", "weight", "group"}].
create table route (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  name text not null check (name ~ '^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$'),
  targets jsonb not null,
  options jsonb not null default '{}',
  changed_at timestamptz not null default now(),
  unique (organisation_id, name)
);
select devflow.protect('route');

-- What an organisation pays where it differs from the list, from a day on. Nano-dollars a token.
create table price (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  model text not null,
  since date not null default current_date,
  input bigint not null check (input >= 0),
  output bigint not null check (output >= 0),
  cached bigint check (cached >= 0),
  unique (organisation_id, model, since)
);
select devflow.protect('price');

-- How much may be used in a period: nano-dollars, tokens or requests, of an organisation, project, key or person.
create table budget (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  level text not null check (level in ('organisation', 'project', 'key', 'person')),
  -- Null for the organisation itself.
  subject uuid,
  -- Counts only calls of this model or route; null: all.
  model text,
  unit text not null check (unit in ('money', 'tokens', 'requests')),
  amount bigint not null check (amount >= 0),
  period text not null check (period in ('minute', 'hour', 'day', 'month', 'ever')),
  created_at timestamptz not null default now(),
  check ((level = 'organisation') = (subject is null)),
  unique nulls not distinct (organisation_id, level, subject, model, unit, period)
);
select devflow.protect('budget');

-- What was used of a budget in one period.
create table counter (
  budget_id uuid not null references budget (id) on delete cascade,
  organisation_id uuid not null default devflow.organisation(),
  period_start timestamptz not null,
  spent bigint not null default 0,
  primary key (budget_id, period_start)
);
select devflow.protect('counter');

-- Processes that hold parts of budgets. One that was not seen for a minute holds nothing.
create table holder (
  id uuid primary key,
  seen_at timestamptz not null default now()
);

-- Parts of budgets that a process may hand out by itself, so that a call needs no question to the database.
create table lease (
  budget_id uuid not null references budget (id) on delete cascade,
  organisation_id uuid not null default devflow.organisation(),
  period_start timestamptz not null,
  holder uuid not null,
  amount bigint not null,
  primary key (budget_id, period_start, holder)
);
select devflow.protect('lease');

-- One row a call that reached a model, or was answered from the cache, or failed.
create table usage (
  id uuid primary key,
  organisation_id uuid not null,
  at timestamptz not null,
  -- Calls that were tried at several providers share it.
  request uuid not null,
  project_id uuid,
  key_id uuid,
  person uuid,
  -- Glue service that called for itself.
  service text,
  surface text not null,
  -- As asked for, and what answered.
  asked text not null,
  provider text not null,
  model text not null,
  status text not null check (status in ('ok', 'failed', 'cut', 'cancelled', 'cached')),
  code int not null,
  input_tokens bigint not null default 0,
  cached_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  -- Counted by the gateway, since the provider did not say.
  estimated boolean not null default false,
  -- Nano-dollars.
  cost bigint not null default 0,
  streamed boolean not null default false,
  ms int not null,
  first_ms int
);
create index on usage (organisation_id, at);
select devflow.protect('usage');

-- Sums of usage, which the pages read.
create table usage_day (
  organisation_id uuid not null,
  day date not null,
  project_id uuid,
  key_id uuid,
  provider text not null,
  model text not null,
  requests bigint not null default 0,
  failures bigint not null default 0,
  cached bigint not null default 0,
  input_tokens bigint not null default 0,
  output_tokens bigint not null default 0,
  cost bigint not null default 0,
  unique nulls not distinct (organisation_id, day, project_id, key_id, provider, model)
);
select devflow.protect('usage_day');

-- How an organisation's calls are guarded, cached and recorded.
create table policy (
  organisation_id uuid primary key default devflow.organisation(),
  settings jsonb not null,
  changed_at timestamptz not null default now(),
  changed_by uuid default devflow.person()
);
select devflow.protect('policy');

-- Who changed what, and what guardrails stopped. Rows are only ever added.
create table audit (
  id bigint generated always as identity primary key,
  organisation_id uuid not null default devflow.organisation(),
  at timestamptz not null default clock_timestamp(),
  person uuid default devflow.person(),
  credential text,
  action text not null,
  target text,
  details jsonb not null default '{}'
);
create index on audit (organisation_id, id);
select devflow.protect('audit');
do $$ begin
  execute format('revoke update, delete, truncate on audit from %I', current_database() || '_ai_gateway');
end $$;
