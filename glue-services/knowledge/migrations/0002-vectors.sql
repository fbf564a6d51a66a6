-- One embedding of all that an organisation has, by one model. While a new one is built the old one serves.
create table generation (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  model text not null,
  dimension int not null check (dimension between 1 and 16000),
  state text not null check (state in ('building', 'serving', 'retired')),
  created_at timestamptz not null default now(),
  serving_at timestamptz
);
create unique index on generation (organisation_id) where state = 'serving';
create unique index on generation (organisation_id) where state = 'building';
select devflow.protect('generation');

-- Chunks that a generation has no vector of yet.
create table pending (
  generation_id uuid not null references generation on delete cascade,
  chunk_id uuid not null references chunk on delete cascade,
  organisation_id uuid not null default devflow.organisation(),
  source_id uuid not null,
  -- Times the model refused this very text.
  refused int not null default 0,
  primary key (generation_id, chunk_id)
);
create index on pending (chunk_id);
create index on pending (source_id);
create index on pending (organisation_id);
select devflow.protect('pending');

-- Makes the table of a dimension, where there is none. A service's role makes no tables; this function, the owner's, does.
create function knowledge.make_vectors(dimension int) returns void
language plpgsql security definer set search_path = knowledge, public, pg_temp as $$
declare
  named text := 'vector_' || dimension;
  -- HNSW takes halfvecs of up to 4000 dimensions; above, it goes by their signs, and the nearest are measured in full.
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
    primary key (generation_id, chunk_id)
  )', named, dimension);
  execute format('create index on knowledge.%I (chunk_id)', named);
  execute format('create index on knowledge.%I (source_id)', named);
  execute format('create index on knowledge.%I using hnsw (%s)', named, indexed);
  perform devflow.protect(('knowledge.' || named)::regclass);
end $$;

-- Chunks that have any of the words, the rarer the words the better; `must` and `never` are exact conditions. It goes by
-- the index of terms, which row-level security would keep from being used (its operator is not leakproof), so it is the
-- owner's and asks for the organisation itself. It answers ids only: what they stand for is read under row-level security.
create function knowledge.match_terms(
  asked text, must text[], never text[], sources uuid[], kinds text[], prefix text, most int, weights real[], mass real
) returns table (chunk_id uuid, score real)
language plpgsql stable security definer set search_path = knowledge, public, pg_temp as $$
declare
  org uuid := devflow.organisation();
  languages regconfig[];
  total bigint;
  words tsquery[];
  rarity real[];
  wide tsquery;
  need tsquery;
  shun tsquery;
begin
  if org is null then return; end if;
  select array_agg(l) into languages from knowledge.languages_of(org) l;
  if languages is null then return; end if;
  select count(*) into total from (select from chunk c where c.organisation_id = org limit 1000000) n;

  with lexeme as (
    select unnest(tsvector_to_array(to_tsvector(l, asked))) as lexeme from unnest(languages) l
    union
    -- Parts of names are not stemmed. Words that say nothing in one of the languages are not asked for as names either.
    select plain from unnest(tsvector_to_array(to_tsvector('simple', asked))) plain
    where not exists (select from unnest(languages) l where to_tsvector(l, plain) = ''::tsvector)
  ), counted as (
    select ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as query, lexeme from lexeme
    order by length(lexeme) desc limit 48
  ), known as (
    select query, (
      select count(*) from (select from chunk c where c.organisation_id = org and c.terms @@ counted.query limit 20000) n
    ) as frequency from counted
  )
  select array_agg(query order by frequency), array_agg(ln(1 + (total - frequency + 0.5) / (frequency + 0.5)) order by frequency)
  into words, rarity from known where frequency > 0;

  select coalesce(
    (select ('(' || string_agg('(' || one::text || ')', ' & ') || ')')::tsquery from (
      select (select ('(' || string_agg(phraseto_tsquery(l, phrase)::text, ' | ') || ')')::tsquery
        from unnest(languages || 'simple'::regconfig) l where numnode(phraseto_tsquery(l, phrase)) > 0) as one
      from unnest(must) phrase
    ) each where one is not null), null) into need;
  select (string_agg(phraseto_tsquery(l, phrase)::text, ' | '))::tsquery into shun
  from unnest(never) phrase, unnest(languages || 'simple'::regconfig) l where numnode(phraseto_tsquery(l, phrase)) > 0;

  if words is null then
    if need is null then return; end if;
    words := array[need];
    rarity := array[1];
  end if;
  -- Words that most chunks have decide nothing by themselves.
  select (string_agg(word::text, ' | '))::tsquery into wide
  from unnest(words, rarity) w(word, rare) where rare >= least(1.0, (select max(r) from unnest(rarity) r));

  return query
    select c.id, (
      select sum(rare * ts_rank(weights, c.terms, word, 0))::real from unnest(words, rarity) w(word, rare)
    ) / (1 - mass + mass * c.tokens / 200.0)::real as points
    from chunk c
    where c.organisation_id = org and c.terms @@ wide
      and (need is null or c.terms @@ need)
      and (shun is null or not c.terms @@ shun)
      and (sources is null or c.source_id = any (sources))
      and (kinds is null or c.kind = any (kinds))
      and (prefix is null or exists (select from page p where p.id = c.page_id and starts_with(p.address, prefix)))
    order by points desc, c.id limit most;
end $$;

-- Languages in use, by a loose walk over the index rather than over all rows.
create index on chunk (organisation_id, language);
create function knowledge.languages_of(org uuid) returns setof regconfig
language sql stable set search_path = knowledge, public, pg_temp as $$
  with recursive walk as (
    (select c.language from chunk c where c.organisation_id = org order by c.language limit 1)
    union all
    select (select c.language from chunk c where c.organisation_id = org and c.language > walk.language
      order by c.language limit 1)
    from walk where walk.language is not null
  )
  select language from walk where language is not null;
$$;

-- Sources whose time has come; for the job that belongs to no organisation.
create function knowledge.due_sources() returns table (organisation_id uuid, source_id uuid)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select s.organisation_id, s.id from source s
  where s.refresh_hours is not null
    and coalesce(s.read_at, s.created_at) < now() - make_interval(hours => s.refresh_hours)
    and not exists (select from run r where r.source_id = s.id and r.state in ('waiting', 'running'))
  order by s.read_at nulls first limit 200;
$$;

-- Work whose job was given up, or lost: chunks that wait for vectors, and runs that nothing has happened in for long.
create function knowledge.left_over() returns table (organisation_id uuid, run_id uuid)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select distinct p.organisation_id, null::uuid from pending p
  union all
  select r.organisation_id, r.id from run r
  where r.state in ('waiting', 'running') and r.touched_at < now() - interval '1 hour';
$$;
