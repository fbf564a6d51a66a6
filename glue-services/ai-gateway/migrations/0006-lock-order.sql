-- As in 0004, but counters are written before leases. A lease is taken in that order too (`take_lease` locks the counter);
-- when metering went the other way the two met in a deadlock, and every call that waited for the lease failed.
create or replace function meter(given json) returns int
language plpgsql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
declare
  fresh int;
begin
  -- One at a time: the updates below would otherwise meet in another order.
  perform pg_advisory_xact_lock(hashtextextended('devflow ai usage', 0));
  with row as materialized (
    -- A file that was written on a full disk may have a row twice.
    select distinct on (id) * from json_to_recordset(given) as r (id uuid, organisation uuid, at timestamptz,
      request uuid, project uuid, key uuid, person uuid, service text, surface text, asked text, provider text, model text,
      status text, code int, input bigint, cached bigint, output bigint, estimated boolean, cost bigint, streamed boolean,
      ms int, "firstMs" int, budgets text, money bigint, tokens bigint, requests int)
  ), added as (
    insert into usage (id, organisation_id, at, request, project_id, key_id, person, service, surface, asked, provider,
      model, status, code, input_tokens, cached_tokens, output_tokens, estimated, cost, streamed, ms, first_ms)
    select id, organisation, at, request, project, key, person, service, surface, asked, provider,
      model, status, code, input, cached, output, estimated, cost, streamed, ms, "firstMs" from row
    on conflict (id) do nothing
    returning id, organisation_id, (at at time zone 'utc')::date as day, project_id, key_id, provider, model, status,
      input_tokens, output_tokens, cost
  ), summed as (
    insert into usage_day as d (organisation_id, day, project_id, key_id, provider, model, requests, failures, cached,
      input_tokens, output_tokens, cost)
    select organisation_id, day, project_id, key_id, provider, model, count(*),
      count(*) filter (where status in ('failed', 'cut')), count(*) filter (where status = 'cached'),
      sum(input_tokens), sum(output_tokens), sum(cost)
    from added group by 1, 2, 3, 4, 5, 6
    on conflict (organisation_id, day, project_id, key_id, provider, model) do update set
      requests = d.requests + excluded.requests, failures = d.failures + excluded.failures,
      cached = d.cached + excluded.cached, input_tokens = d.input_tokens + excluded.input_tokens,
      output_tokens = d.output_tokens + excluded.output_tokens, cost = d.cost + excluded.cost
  ), grouped as (
    select budgets, sum(money) as money, sum(tokens) as tokens, sum(requests) as requests
    from added join row using (id) where budgets is not null group by budgets
  ), charged as materialized (
    select split_part(c, ' ', 1)::uuid as b, to_timestamp(split_part(c, ' ', 2)::double precision / 1000) as p,
      split_part(c, ' ', 3)::uuid as h,
      sum(case split_part(c, ' ', 4) when 'money' then money when 'tokens' then tokens else requests end)::bigint as n
    from grouped, string_to_table(budgets, ';') c group by 1, 2, 3
  ), counted as (
    insert into counter as k (budget_id, organisation_id, period_start, spent)
    select c.b, u.organisation_id, c.p, sum(c.n) from charged c join budget u on u.id = c.b group by 1, 2, 3
    on conflict (budget_id, period_start) do update set spent = k.spent + excluded.spent
    returning 1
  ), returned as (
    update lease l set amount = greatest(0, l.amount - c.n) from charged c
    where (select count(*) from counted) >= 0 and l.budget_id = c.b and l.period_start = c.p and l.holder = c.h
  ), seen as (
    update virtual_key k set last_used_at = now()
    where k.id in (select key_id from added) and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
  )
  select count(*) into fresh from added;
  return fresh;
end $$;
