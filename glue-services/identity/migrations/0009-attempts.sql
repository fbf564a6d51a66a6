-- Where an account got in from before, as a hash of both: strangers elsewhere cannot lock its owner out of there.
create table known_place (
  key bytea primary key,
  at timestamptz not null default now()
);

-- Counts an attempt before it is made, as if it had failed, so that many at once are not all let through; it is taken back
-- when it succeeds. Keys and limits go together; those of a limit below zero are only counted. False: refused, not counted.
create function begin_attempt(keys bytea[], limits int[], within interval) returns boolean
language plpgsql as $$
begin
  -- In one order for everybody, so that no two wait for each other.
  perform pg_advisory_xact_lock(hashtextextended(encode(k, 'hex'), 0)) from (select unnest(keys) k order by 1) ordered;
  if exists (
    select from unnest(keys, limits) as one (k, most)
    where most >= 0 and (select count(*) from failed_attempt f where f.key = k and f.at > now() - within) >= most
  ) then return false; end if;
  insert into failed_attempt (key) select unnest(keys);
  return true;
end $$;
