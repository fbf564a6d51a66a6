-- How much may be asked in a minute, where an organisation wants it otherwise than the gateway's defaults.
create table rate_limit (
  organisation_id uuid primary key default devflow.organisation(),
  -- Of one person with all their agents, or of one key.
  caller integer not null check (caller between 1 and 1000000),
  organisation integer not null check (organisation between 1 and 1000000),
  changed_at timestamptz not null default now()
);
select devflow.protect('rate_limit');
create trigger tell after insert or update or delete on rate_limit for each statement execute function tell_change();

-- What the hosts took to hand out, of one minute. It may exceed the limit by what was asked for in vain.
create table spent (
  organisation_id uuid not null default devflow.organisation(),
  subject text not null,
  minute timestamptz not null,
  taken bigint not null,
  primary key (organisation_id, subject, minute)
);
select devflow.protect('spent');

create function forget_spent() returns void language sql security definer set search_path = mcp_gateway, pg_temp as $$
  delete from spent where minute < now() - interval '10 minutes';
$$;
