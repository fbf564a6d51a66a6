-- Chunks whose search terms an older version made; they are worked over in the background and found by words meanwhile.
alter table chunk add column terms_version smallint not null default 0;
create index on chunk (terms_version, organisation_id);

-- The distance from which on a model's texts have nothing to do with each other; null: not measured yet.
alter table generation add column unrelated real;

-- Equal chunks of a source share one vector. When the one that has it goes, another is embedded.
create index on chunk (source_id, hash);
create function knowledge.revive_twins() returns trigger
language plpgsql security definer set search_path = knowledge, public, pg_temp as $$
begin
  insert into pending (generation_id, chunk_id, organisation_id, source_id)
  select g.id, t.id, t.organisation_id, t.source_id
  from (
    select distinct on (c.source_id, c.hash) c.id, c.organisation_id, c.source_id
    from (select distinct source_id, hash from gone) d join chunk c on c.source_id = d.source_id and c.hash = d.hash
    order by c.source_id, c.hash, c.id
  ) t
  join generation g on g.organisation_id = t.organisation_id and g.state <> 'retired'
  order by g.id, t.id
  on conflict do nothing;
  return null;
end $$;
create trigger revive_twins after delete on chunk referencing old table as gone
  for each statement execute function knowledge.revive_twins();

-- Organisations that have chunks of an older version; for the job that belongs to none.
create function knowledge.outdated_terms(version int) returns table (organisation_id uuid)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select distinct c.organisation_id from chunk c where c.terms_version < version;
$$;

-- As match_terms (which older programs call), and by groups of grams and signs too: each group is one word of the question,
-- all of whose tokens a chunk must have. A chunk has a group or has it not, so it counts by its rarity and `counts`.
create function knowledge.match_words(
  asked text, groups text[], counts real[], must text[], needed text[], never text[], sources uuid[], kinds text[], prefix text, most int,
  weights real[], mass real
) returns table (chunk_id uuid, score real)
language plpgsql stable security definer set search_path = knowledge, public, pg_temp as $$
declare
  org uuid := devflow.organisation();
  languages regconfig[];
  total bigint;
  words tsquery[];
  rarity real[];
  parts tsquery[];
  part_rarity real[];
  part_weight real[];
  rarest real;
  wide tsquery;
  need tsquery;
  shun tsquery;
  whole tsquery;
  all_rarity real;
  -- What ts_rank says of a word that stands once in the text.
  once constant real := weights[2] * 0.6079;
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
  ), chosen as (
    select ('''' || replace(replace(lexeme, '\', '\\'), '''', '''''') || '''')::tsquery as query, lexeme from lexeme
    order by length(lexeme) desc limit 48
  ), known as (
    select query, (
      select count(*) from (select from chunk c where c.organisation_id = org and c.terms @@ chosen.query limit 20000) n
    ) as frequency from chosen
  )
  select array_agg(query order by frequency), array_agg(ln(1 + (total - frequency + 0.5) / (frequency + 0.5)) order by frequency)
  into words, rarity from known where frequency > 0;

  with known as (
    select query::tsquery as query, weight, (
      select count(*) from (select from chunk c where c.organisation_id = org and c.terms @@ query::tsquery limit 20000) n
    ) as frequency from unnest(groups, counts) g(query, weight)
  )
  select array_agg(query order by frequency), array_agg(ln(1 + (total - frequency + 0.5) / (frequency + 0.5)) order by frequency),
    array_agg(weight order by frequency)
  into parts, part_rarity, part_weight from known where frequency > 0;

  select (string_agg('(' || one::text || ')', ' & '))::tsquery into need from (
    select (select ('(' || string_agg(phraseto_tsquery(l, phrase)::text, ' | ') || ')')::tsquery
      from unnest(languages || 'simple'::regconfig) l where numnode(phraseto_tsquery(l, phrase)) > 0) as one
    from unnest(must) phrase
    union all
    select one::tsquery from unnest(needed) one
  ) each where one is not null;
  select (string_agg(phraseto_tsquery(l, phrase)::text, ' | '))::tsquery into shun
  from unnest(never) phrase, unnest(languages || 'simple'::regconfig) l where numnode(phraseto_tsquery(l, phrase)) > 0;

  if words is null and parts is null then
    if need is null then return; end if;
    words := array[need];
    rarity := array[1];
  end if;
  -- Words that most chunks have decide nothing by themselves.
  select max(r) into rarest from unnest(rarity || part_rarity) r;
  select (string_agg('(' || word::text || ')', ' | '))::tsquery into wide
  from unnest(words || parts, rarity || part_rarity) w(word, rare) where rare >= least(1.0, rarest);

  -- Who types a command or a title means these words in this order.
  select (string_agg('(' || phrase::text || ')', ' | '))::tsquery into whole
  from (select phraseto_tsquery(l, asked) as phrase from unnest(languages) l) p where numnode(phrase) between 3 and 40;
  select sum(r) into all_rarity from unnest(rarity) r;

  return query
    select c.id, (
      case when whole is not null and c.terms @@ whole then all_rarity * once else 0 end
      + coalesce((select sum(rare * ts_rank(weights, c.terms, word, 0)) from unnest(words, rarity) w(word, rare)), 0)
      + coalesce((select sum(rare * weight) from unnest(parts, part_rarity, part_weight) w(word, rare, weight)
          where c.terms @@ word), 0)
    )::real / (1 - mass + mass * c.tokens / 200.0)::real as points
    from chunk c
    where c.organisation_id = org and c.terms @@ wide
      and (need is null or c.terms @@ need)
      and (shun is null or not c.terms @@ shun)
      and (sources is null or c.source_id = any (sources))
      and (kinds is null or c.kind = any (kinds))
      and (prefix is null or exists (select from page p where p.id = c.page_id and starts_with(p.address, prefix)))
    order by points desc, c.id limit most;
end $$;
