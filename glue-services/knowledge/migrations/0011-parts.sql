-- How a generation's vectors are made: 1: a vector a passage, with its source's name; 2: also one for each thing it says.
-- A generation of another method than the program's is replaced by a new one, as one of another model is.
alter table generation add column method smallint not null default 1;
-- The mean of questions, and the distance within which a passage has to do with a question of which it has no word; null:
-- not measured.
alter table generation add column centre real[];
alter table generation add column related real;

-- Vectors of the parts of a passage, out of the way of a scan of all passages' own.
do $$
declare named text;
begin
  for named in select tablename from pg_tables where schemaname = 'knowledge' and tablename ~ '^vector_\d+$' loop
    execute format('alter table knowledge.%I add column parts halfvec[]', named);
  end loop;
end $$;

-- As before, with room for parts.
create or replace function knowledge.make_vectors(dimension int) returns void
language plpgsql security definer set search_path = knowledge, public, pg_temp as $$
declare
  named text := 'vector_' || dimension;
  indexed text := case when dimension <= 4000 then 'embedding halfvec_cosine_ops'
    else format('(binary_quantize(embedding)::bit(%s)) bit_hamming_ops', dimension) end;
begin
  if dimension not between 1 and 16000 then
    raise exception 'vectors of % dimensions cannot be kept', dimension;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('knowledge vectors', 0));
  if to_regclass('knowledge.' || named) is not null then return; end if;
  execute format('create table knowledge.%I (
    generation_id uuid not null references knowledge.generation on delete cascade,
    chunk_id uuid not null references knowledge.chunk on delete cascade,
    organisation_id uuid not null default devflow.organisation(),
    source_id uuid not null,
    embedding halfvec(%s) not null,
    parts halfvec[],
    primary key (generation_id, chunk_id)
  )', named, dimension);
  execute format('create index on knowledge.%I (chunk_id)', named);
  execute format('create index on knowledge.%I (source_id)', named);
  execute format('create index on knowledge.%I using hnsw (%s)', named, indexed);
  perform devflow.protect(('knowledge.' || named)::regclass);
end $$;
