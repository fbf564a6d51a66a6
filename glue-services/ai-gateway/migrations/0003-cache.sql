-- Answers that are given again. Of one organisation only: the row's own id stands in its key, and row-level security
-- shows no other's.
create table cached_answer (
  organisation_id uuid not null default devflow.organisation(),
  -- SHA-256 over the whole question, the models that may answer it and the organisation's policy.
  question bytea not null,
  -- The same without the last thing that was said, for questions that only mean the same.
  scope bytea not null,
  -- What that was, as numbers; null where only the same question will do.
  meaning public.vector(384),
  -- Numbers and names in it, which must be the same.
  marks text[] not null default '{}',
  provider text not null,
  model text not null,
  streamed boolean not null,
  content_type text not null,
  answer text not null,
  input_tokens bigint not null,
  cached_tokens bigint not null,
  output_tokens bigint not null,
  hits bigint not null default 0,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  primary key (organisation_id, question)
);
create index on cached_answer (organisation_id, scope) where meaning is not null;
create index on cached_answer (expires_at);
select devflow.protect('cached_answer');

-- Takes away what is too old, and of an organisation that has very many the oldest.
create function forget_answers(most int) returns bigint
language plpgsql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
declare
  gone bigint; more bigint;
begin
  delete from cached_answer where expires_at < now();
  get diagnostics gone = row_count;
  delete from cached_answer c using (
    select organisation_id, question, row_number() over (partition by organisation_id order by created_at desc) as place
    from cached_answer
  ) o where o.place > most and c.organisation_id = o.organisation_id and c.question = o.question;
  get diagnostics more = row_count;
  return gone + more;
end $$;

-- Questions and answers, where an organisation wants them kept; what is secret or personal is cut out before.
create table recorded_call (
  id uuid primary key,
  organisation_id uuid not null default devflow.organisation(),
  at timestamptz not null,
  key_id uuid,
  person uuid,
  service text,
  surface text not null,
  asked text not null,
  provider text not null,
  model text not null,
  status text not null,
  question text not null,
  answer text not null
);
create index on recorded_call (organisation_id, at);
select devflow.protect('recorded_call');

create function forget_records(before timestamptz, most int) returns int
language plpgsql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
declare
  gone int;
begin
  delete from recorded_call where id in (select id from recorded_call where at < before limit most);
  get diagnostics gone = row_count;
  return gone;
end $$;
