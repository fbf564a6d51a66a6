create table written (
  id bigint generated always as identity primary key,
  organisation_id uuid not null default devflow.organisation(),
  text text not null
);
select devflow.protect('written');

create table effect (event_id bigint primary key, organisation_id uuid not null default devflow.organisation());
select devflow.protect('effect');
