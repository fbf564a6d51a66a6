create table item (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  text text not null
);
create index on item (organisation_id);
select devflow.protect('item');

-- The same without tenants, for the bare route.
create table open_item (id uuid primary key default uuidv7(), text text not null);
