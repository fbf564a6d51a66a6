-- A key with a failed event leaves its slot's batches until that event is taken or dead, and is tried again by itself
-- (claim_retry). So an event that fails, or whose handler hangs, holds up its own key and nobody else's.
create or replace function devflow.claim(wanted text, batch int) returns table (
  id bigint, topic text, key text, organisation uuid, payload jsonb, trace text, emitted timestamptz, attempts smallint,
  slot smallint
)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  start smallint := floor(random() * 16);
  at smallint := start;
  past smallint := 16;
begin
  perform devflow.demand(split_part(wanted, '.', 1));
  -- Goes from one slot with work to the next, from a random one to the last and then from the first.
  loop
    select min(d.slot) into at from devflow.delivery d
    where d.subscriber = wanted and d.slot >= at and d.slot < past and d.retry_at is null;
    if at is null then
      exit when past = start or start = 0;
      past := start;
      at := 0;
      continue;
    end if;
    if pg_try_advisory_xact_lock(hashtext('devflow ' || wanted), at) then
      return query
        select e.id, e.topic, e.key, e.organisation_id, e.payload, e.trace, e.emitted_at, d.attempts, d.slot
        from devflow.delivery d join devflow.event e on e.id = d.event_id
        where d.subscriber = wanted and d.slot = at and d.key <> all (array(
          select w.key from devflow.delivery w
          where w.subscriber = wanted and w.slot = at and w.retry_at is not null
        ))
        order by d.event_id limit batch;
      if found then return; end if;
    end if;
    at := at + 1;
  end loop;
end $$;

-- Locks one key whose failed event is due for the rest of the transaction, and answers the oldest event of that key: it may
-- be one before the failed event, since a batch is taken as a whole or not at all.
create function devflow.claim_retry(wanted text) returns table (
  id bigint, topic text, key text, organisation uuid, payload jsonb, trace text, emitted timestamptz, attempts smallint,
  slot smallint
)
language plpgsql security definer set search_path = pg_catalog as $$
declare
  due devflow.delivery;
begin
  perform devflow.demand(split_part(wanted, '.', 1));
  for due in
    select * from devflow.delivery d where d.subscriber = wanted and d.retry_at <= now() order by d.retry_at limit 100
  loop
    if pg_try_advisory_xact_lock(hashtext('devflow retry ' || wanted), hashtext(due.key)) then
      return query
        select e.id, e.topic, e.key, e.organisation_id, e.payload, e.trace, e.emitted_at, d.attempts, d.slot
        from devflow.delivery d join devflow.event e on e.id = d.event_id
        where d.subscriber = wanted and d.slot = due.slot and d.key = due.key and exists (
          select from devflow.delivery f
          where f.subscriber = wanted and f.slot = due.slot and f.key = due.key and f.retry_at <= now()
        )
        order by d.event_id limit 1;
      if found then return; end if;
    end if;
  end loop;
end $$;
