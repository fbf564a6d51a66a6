create table note (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  author uuid default devflow.person(),
  text text not null,
  created_at timestamptz not null default now()
);
create index on note (organisation_id, created_at);
select devflow.protect('note');

-- What the subscriber and the job do, one row an effect.
create table effect (
  id bigint generated always as identity primary key,
  organisation_id uuid not null default devflow.organisation(),
  what text not null,
  key text not null
);
select devflow.protect('effect');
