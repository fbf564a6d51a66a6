-- A service can ask all others for something and wait for their answers: it emits an event, sees who takes it
-- (devflow.takers) and how far each of them is (devflow.awaited), and hears the answers as the one topic of a name that each
-- of them emits (*.project-part).
create or replace function devflow.emit(events jsonb, trace text) returns void
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
    on s.topic = w.topic or (s.topic like '%.*' and starts_with(w.topic, left(s.topic, -1)))
      or (s.topic like '*.%' and right(w.topic, length(s.topic) - 1) = substr(s.topic, 2));
end $$;

-- The services that take events of a topic, those that are not running now among them.
create function devflow.takers(wanted text) returns setof text
language sql stable security definer set search_path = pg_catalog as $$
  select distinct split_part(subscriber, '.', 1) from devflow.subscription where topic = wanted
$$;

-- Who has not taken the events of one of the caller's own topics and a key yet, and why.
create function devflow.awaited(wanted text, wanted_key text) returns table (
  service text, attempts smallint, error text, dead boolean
)
language plpgsql stable security definer set search_path = pg_catalog as $$
begin
  perform devflow.demand(split_part(wanted, '.', 1));
  return query
    select split_part(d.subscriber, '.', 1), d.attempts, d.error, false
    from devflow.subscription s join devflow.delivery d
      on d.subscriber = s.subscriber and d.slot = devflow.slot(wanted_key) and d.key = wanted_key
    join devflow.event e on e.id = d.event_id and e.topic = wanted
    where s.topic = wanted
    union all
    select split_part(l.subscriber, '.', 1), l.attempts, l.error, true
    from devflow.dead_letter l join devflow.event e on e.id = l.event_id and e.topic = wanted
    where l.key = wanted_key;
end $$;

-- Gives what failed too often of one of the caller's own topics and a key another chance. Answers how many there were.
create function devflow.ask_again(wanted text, wanted_key text) returns int
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform devflow.demand(split_part(wanted, '.', 1));
  return devflow.revive(array(
    select l.id from devflow.dead_letter l join devflow.event e on e.id = l.event_id and e.topic = wanted
    where l.key = wanted_key
  ));
end $$;
