create table barrel (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  project_id uuid not null,
  name text not null
);
create index on barrel (organisation_id, project_id);
select devflow.protect('barrel');
