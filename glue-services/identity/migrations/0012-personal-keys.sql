-- A personal key acts as its person, as their browser would: for the command line and for programs of their own. The
-- others act for an organisation, by the right of their maker.
alter table api_key add column personal boolean not null default false;

drop function key_identity(bytea);
create function key_identity(key_hash bytea)
returns table (organisation uuid, scopes text[], credential uuid, maker uuid, allowed text[], personal boolean)
language plpgsql security definer set search_path = identity, pg_catalog, pg_temp as $$
begin
  return query
    select k.organisation_id, k.scopes, k.id, k.created_by, now_allowed, k.personal
    from api_key k cross join lateral permissions_now(k.organisation_id, k.created_by, k.created_at) now_allowed
    where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
      and now_allowed is not null;
  if not found then return; end if;
  update api_key k set last_used_at = now()
  where k.hash = key_hash and (k.last_used_at is null or k.last_used_at < now() - interval '5 minutes');
end $$;

-- A machine that asks to be signed in, while a person has not answered or their answer was not fetched (RFC 8628). Nobody's
-- yet, so it is not behind row-level security; only the hash of the device's own code is kept.
create table device_login (
  id uuid primary key default uuidv7(),
  hash bytea not null unique,
  user_code text not null unique,
  name text not null,
  address text not null,
  expires_at timestamptz not null,
  polled_at timestamptz,
  pause int not null,
  denied boolean not null default false,
  -- Who let it in, what for, and with what.
  person uuid references "user" (id) on delete cascade,
  acts_for uuid references organization (id) on delete cascade,
  scopes text[]
);
create index on device_login (address, expires_at);
