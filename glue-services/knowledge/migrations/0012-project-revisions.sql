-- The revision of the project that a row shows: an event that comes after a newer one changes nothing.
alter table project add column revision int not null default 0;

-- Projects that were deleted: an event of one that comes late makes no row anew.
create table removed_project (
  id uuid primary key,
  organisation_id uuid not null default devflow.organisation(),
  removed_at timestamptz not null default now()
);
create index on removed_project (organisation_id);
select devflow.protect('removed_project');
