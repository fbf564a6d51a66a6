-- Who dismissed the first steps of an organisation: on every device, and for themselves alone.
create table devflow.first_steps_dismissed (
  organisation_id uuid not null,
  person_id uuid not null,
  at timestamptz not null default now(),
  primary key (organisation_id, person_id)
);
select devflow.protect('devflow.first_steps_dismissed');
