-- What is wrong with a page or file of a source: it failed, was left out, or was read only in part. Kept until it is read
-- without a fault or is gone, so that a later reading of other files does not forget it.
create table problem (
  organisation_id uuid not null default devflow.organisation(),
  source_id uuid not null references source on delete cascade,
  address text not null,
  kind text not null check (kind in ('failed', 'partial', 'skipped')),
  note text not null,
  -- The run that met it last.
  seen_by uuid,
  noted_at timestamptz not null default now()
);
create unique index on problem (source_id, md5(address));
create index on problem (organisation_id);
select devflow.protect('problem');
