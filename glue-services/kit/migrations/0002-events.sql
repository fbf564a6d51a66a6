-- Which subscriber wants which topic: an exact one, or all below a prefix (billing.*).
create table devflow.subscription (
  subscriber text not null,
  topic text not null,
  primary key (subscriber, topic)
);

create table devflow.event (
  id bigint generated always as identity primary key,
  topic text not null,
  key text not null,
  organisation_id uuid,
  payload jsonb not null,
  trace text,
  emitted_at timestamptz not null default clock_timestamp()
);
create index on devflow.event (emitted_at);

-- One row for each subscriber that has not yet taken an event; it is written with the event and deleted in the same
-- transaction as the subscriber's effect, so that the effect happens once. Slots let several workers share a
-- subscriber: all events of a key are in one slot, and one worker at a time holds a slot.
create table devflow.delivery (
  subscriber text not null,
  slot smallint not null,
  event_id bigint not null,
  key text not null,
  attempts smallint not null default 0,
  retry_at timestamptz,
  error text,
  primary key (subscriber, slot, event_id)
) with (fillfactor = 90, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
create index on devflow.delivery (event_id);
create index delivery_retry on devflow.delivery (subscriber, slot, retry_at) where retry_at is not null;

-- Deliveries that failed too often; they wait for a person and no longer hold up their key.
create table devflow.dead_letter (
  id bigint generated always as identity primary key,
  subscriber text not null,
  event_id bigint not null,
  key text not null,
  attempts smallint not null,
  error text not null,
  died_at timestamptz not null default clock_timestamp(),
  unique (event_id, subscriber)
);

create function devflow.slot(key text) returns smallint language sql immutable parallel safe
return (hashtext(key) & 15)::smallint;

create function devflow.demand(service text) returns void language plpgsql stable as $$
begin
  if devflow.caller() <> service then
    raise exception 'the service % may not act for %', devflow.caller(), service using errcode = 'insufficient_privilege';
  end if;
end $$;

-- Writes events with the data they are about, as the last statement of its transaction. The locks are held until it has
-- committed, so that events of one key get their ids in the order in which they become visible; they are taken in order,
-- so that two transactions with the same keys cannot wait for each other.
create function devflow.emit(events jsonb, trace text) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  ordering bigint;
begin
  perform devflow.demand(split_part(e ->> 'topic', '.', 1)) from jsonb_array_elements(events) e;
  for ordering in
    select distinct hashtextextended(split_part(e ->> 'topic', '.', 1), 0) # (hashtext(e ->> 'key') & 1023)
    from jsonb_array_elements(events) e order by 1
  loop
    perform pg_advisory_xact_lock(ordering);
  end loop;
  with written as (
    insert into devflow.event (topic, key, organisation_id, payload, trace)
    select e ->> 'topic', e ->> 'key', (e ->> 'organisation')::uuid, e -> 'payload', emit.trace
    from jsonb_array_elements(events) with ordinality as list(e, at) order by at
    returning id, topic, key
  )
  insert into devflow.delivery (subscriber, slot, event_id, key)
  select distinct s.subscriber, devflow.slot(w.key), w.id, w.key
  from written w join devflow.subscription s
    on s.topic = w.topic or (s.topic like '%.*' and starts_with(w.topic, left(s.topic, -1)));
end $$;

-- Locks a slot with work for the rest of the transaction and answers its oldest events. A key whose first event waits
-- for its next attempt is left out. No row: there is nothing to do, or others are doing it.
create function devflow.claim(wanted text, batch int) returns table (
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
    where d.subscriber = wanted and d.slot >= at and d.slot < past and (d.retry_at is null or d.retry_at <= now());
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
          where w.subscriber = wanted and w.slot = at and w.retry_at > now()
        ))
        order by d.event_id limit batch;
      if found then return; end if;
    end if;
    at := at + 1;
  end loop;
end $$;

-- Called in the transaction of the effect. Fails when one of them is already taken, which would mean a second effect.
create function devflow.settle(subscriber text, slot smallint, events bigint[]) returns void
language plpgsql security definer set search_path = pg_catalog as $$
declare
  taken int;
begin
  perform devflow.demand(split_part(subscriber, '.', 1));
  delete from devflow.delivery d
  where d.subscriber = settle.subscriber and d.slot = settle.slot and d.event_id = any (events);
  get diagnostics taken = row_count;
  if taken <> cardinality(events) then
    raise exception '% of % events were taken by another worker', cardinality(events) - taken, cardinality(events);
  end if;
end $$;

-- Notes a failed attempt: another one after the wait, or none when `attempts` have failed. True when it is now dead.
create function devflow.fail(subscriber text, slot smallint, event bigint, message text, wait interval, limits int) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
declare
  failed devflow.delivery;
begin
  perform devflow.demand(split_part(subscriber, '.', 1));
  update devflow.delivery d set attempts = d.attempts + 1, retry_at = now() + wait, error = left(message, 2000)
  where d.subscriber = fail.subscriber and d.slot = fail.slot and d.event_id = event returning d.* into failed;
  if failed.attempts is null or failed.attempts < limits then return false; end if;
  delete from devflow.delivery d where d.subscriber = fail.subscriber and d.slot = fail.slot and d.event_id = event;
  insert into devflow.dead_letter (subscriber, event_id, key, attempts, error)
  values (failed.subscriber, event, failed.key, failed.attempts, failed.error);
  return true;
end $$;

-- Gives dead letters another chance, as new deliveries without failed attempts.
create function devflow.revive(letters bigint[]) returns int
language sql as $$
  with dead as (delete from devflow.dead_letter where id = any (letters) returning subscriber, event_id, key),
  again as (
    insert into devflow.delivery (subscriber, slot, event_id, key)
    select subscriber, devflow.slot(key), event_id, key from dead returning 1
  )
  select count(*)::int from again;
$$;

-- Makes a service's subscriptions exactly these. What it no longer subscribes to is no longer delivered.
create function devflow.register(service text, names text[], topics text[]) returns void language plpgsql as $$
begin
  delete from devflow.subscription s
  where starts_with(s.subscriber, service || '.')
    and not exists (select from unnest(names, topics) n(name, topic) where n.name = s.subscriber and n.topic = s.topic);
  delete from devflow.delivery d where starts_with(d.subscriber, service || '.') and d.subscriber <> all (names);
  insert into devflow.subscription (subscriber, topic) select * from unnest(names, topics) on conflict do nothing;
end $$;

revoke execute on function devflow.register, devflow.revive, devflow.protect from public;
