-- Generations that a search server (Vespa) holds too. PostgreSQL stays what they are filled from; a row outlives its
-- generation until the server has let go of it.
create table mirror (
  generation_id uuid primary key,
  organisation_id uuid not null default devflow.organisation(),
  dimension int not null,
  -- When the server first had all of it.
  filled_at timestamptz,
  -- Why it is not fed, and since when.
  note text
);
create index on mirror (organisation_id);
select devflow.protect('mirror');

-- Chunks that the server may have otherwise than PostgreSQL does, or not at all, or still. The feeder looks at what there
-- is and makes it so: a row says that something changed, never what.
create sequence unfed_change;
create table unfed (
  generation_id uuid not null references mirror on delete cascade,
  chunk_id uuid not null,
  organisation_id uuid not null default devflow.organisation(),
  change bigint not null default nextval('knowledge.unfed_change'),
  since timestamptz not null default now(),
  -- Until when a feeder has it in hand; a dead one's hand opens by itself.
  taken_until timestamptz,
  primary key (generation_id, chunk_id)
);
create index on unfed (organisation_id, since);
select devflow.protect('unfed');

-- Triggers, so that no way of adding or deleting chunks can forget it, cascades included.
create function knowledge.note_chunks() returns trigger
language plpgsql security definer set search_path = knowledge, public, pg_temp as $$
begin
  insert into unfed (generation_id, chunk_id, organisation_id)
  select m.generation_id, c.id, c.organisation_id from touched c join mirror m on m.organisation_id = c.organisation_id
  order by m.generation_id, c.id
  on conflict (generation_id, chunk_id) do update set change = nextval('knowledge.unfed_change');
  return null;
end $$;
create trigger note_added after insert on chunk referencing new table as touched
  for each statement execute function knowledge.note_chunks();
create trigger note_deleted after delete on chunk referencing old table as touched
  for each statement execute function knowledge.note_chunks();

-- Organisations that have something to feed, to begin with, or to let go of; for the job that belongs to none.
create function knowledge.mirrors_at_work() returns table (organisation_id uuid)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select distinct u.organisation_id from unfed u
  union
  select g.organisation_id from generation g left join mirror m on m.generation_id = g.id
  where g.state <> 'retired' and m.filled_at is null
  union
  select m.organisation_id from mirror m left join generation g on g.id = m.generation_id and g.state <> 'retired'
  where g.id is null;
$$;

-- Organisations that rely on what the server says it has.
create function knowledge.mirrors_filled() returns table (organisation_id uuid)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select distinct m.organisation_id from mirror m where m.filled_at is not null;
$$;

-- Of a stack that has no such server (any more): nothing is noted down for it, and a later one is filled anew.
create function knowledge.forget_mirrors() returns void
language sql security definer set search_path = knowledge, public, pg_temp as $$
  delete from mirror;
$$;
