-- Who a key belongs to. Which organisation that is, nobody knows before.
create function key_of(key_hash bytea)
returns table (id uuid, organisation uuid, project uuid, models text[], expires_at timestamptz)
language sql stable security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
  select k.id, k.organisation_id, k.project_id, k.models, k.expires_at from virtual_key k
  where k.hash = key_hash and k.revoked_at is null and (k.expires_at is null or k.expires_at > now())
$$;

-- Gives a process a part of what is left of a budget: much of it while there is plenty, only what it needs at the end.
-- No row: there is no such budget any more.
create function take_lease(of_budget uuid, starting timestamptz, for_holder uuid, needed bigint, wanted bigint)
returns table (granted bigint, remaining bigint)
language plpgsql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
declare
  owner uuid; total bigint; used bigint; held bigint;
begin
  select b.organisation_id, b.amount into owner, total from budget b where b.id = of_budget;
  if not found then return; end if;
  insert into holder (id) values (for_holder) on conflict (id) do update set seen_at = now();
  insert into counter (budget_id, organisation_id, period_start) values (of_budget, owner, starting)
    on conflict do nothing;
  select c.spent into used from counter c where c.budget_id = of_budget and c.period_start = starting for update;
  select coalesce(sum(l.amount), 0) into held from lease l join holder h on h.id = l.holder
    where l.budget_id = of_budget and l.period_start = starting and h.seen_at > now() - interval '60 seconds';
  remaining := greatest(0, total - used - held);
  granted := case when remaining > 8 * greatest(needed, wanted) then greatest(needed, wanted)
                  else least(remaining, needed) end;
  insert into lease (budget_id, organisation_id, period_start, holder, amount)
    values (of_budget, owner, starting, for_holder, granted)
    on conflict (budget_id, period_start, holder) do update set amount = lease.amount + excluded.amount;
  remaining := remaining - granted;
  return next;
end $$;

-- Takes back what a process did not use.
create function return_lease(of_budget uuid, starting timestamptz, from_holder uuid, unused bigint) returns void
language sql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
  update lease set amount = greatest(0, amount - unused)
  where budget_id = of_budget and period_start = starting and holder = from_holder
$$;

create function seen(one uuid) returns void
language sql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
  insert into holder (id) values (one) on conflict (id) do update set seen_at = now()
$$;

-- Writes rows of usage with all that follows from them, once however often they are given. Each row carries its charges:
-- [{"b": budget, "p": start of the period, "n": amount, "h": holder}].
create function record_usage(given jsonb) returns int
language plpgsql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
declare
  fresh uuid[];
begin
  -- One at a time: the updates below would otherwise meet in another order.
  perform pg_advisory_xact_lock(hashtextextended('devflow ai usage', 0));
  with added as (
    insert into usage (id, organisation_id, at, request, project_id, key_id, person, service, surface, asked, provider,
      model, status, code, input_tokens, cached_tokens, output_tokens, estimated, cost, streamed, ms, first_ms)
    select id, organisation, at, request, project, key, person, service, surface, asked, provider,
      model, status, code, input, cached, output, estimated, cost, streamed, ms, "firstMs"
    from jsonb_to_recordset(given) as r (id uuid, organisation uuid, at timestamptz, request uuid, project uuid, key uuid,
      person uuid, service text, surface text, asked text, provider text, model text, status text, code int,
      input bigint, cached bigint, output bigint, estimated boolean, cost bigint, streamed boolean, ms int, "firstMs" int)
    on conflict (id) do nothing
    returning usage.id
  ) select array_agg(id) into fresh from added;
  if fresh is null then return 0; end if;

  insert into usage_day as d (organisation_id, day, project_id, key_id, provider, model, requests, failures, cached,
    input_tokens, output_tokens, cost)
  select organisation_id, (at at time zone 'utc')::date, project_id, key_id, provider, model, count(*),
    count(*) filter (where status in ('failed', 'cut')), count(*) filter (where status = 'cached'),
    sum(input_tokens), sum(output_tokens), sum(cost)
  from usage where id = any (fresh) group by 1, 2, 3, 4, 5, 6
  on conflict (organisation_id, day, project_id, key_id, provider, model) do update set
    requests = d.requests + excluded.requests, failures = d.failures + excluded.failures,
    cached = d.cached + excluded.cached, input_tokens = d.input_tokens + excluded.input_tokens,
    output_tokens = d.output_tokens + excluded.output_tokens, cost = d.cost + excluded.cost;

  with charged as (
    select (c ->> 'b')::uuid as b, to_timestamp((c ->> 'p')::double precision / 1000) as p, (c ->> 'h')::uuid as h,
      sum((c ->> 'n')::bigint)::bigint as n
    from jsonb_array_elements(given) r, jsonb_array_elements(r -> 'charges') c
    where (r ->> 'id')::uuid = any (fresh) group by 1, 2, 3
  ), counted as (
    insert into counter as k (budget_id, organisation_id, period_start, spent)
    select c.b, u.organisation_id, c.p, sum(c.n) from charged c join budget u on u.id = c.b group by 1, 2, 3
    on conflict (budget_id, period_start) do update set spent = k.spent + excluded.spent
  )
  update lease l set amount = greatest(0, l.amount - c.n) from charged c
  where l.budget_id = c.b and l.period_start = c.p and l.holder = c.h;

  update virtual_key k set last_used_at = now()
    where k.id in (select key_id from usage where id = any (fresh))
      and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute');
  return cardinality(fresh);
end $$;

-- Deletes old rows in pieces; sums stay.
create function forget_usage(before timestamptz, most int) returns int
language plpgsql security definer set search_path = ai_gateway, pg_catalog, pg_temp as $$
declare
  gone int;
begin
  delete from usage where id in (select id from usage where at < before limit most);
  get diagnostics gone = row_count;
  delete from counter where period_start < now() - interval '90 days' and period_start > to_timestamp(0);
  delete from lease l using holder h where h.id = l.holder and h.seen_at < now() - interval '1 day';
  delete from holder where seen_at < now() - interval '1 day';
  return gone;
end $$;

-- Whatever changes what a call may do wakes every host, which then asks again.
create function tell_change() returns trigger language plpgsql as $$
begin
  notify devflow_ai_gateway;
  return null;
end $$;
create trigger tell after delete or update of models, expires_at, revoked_at on virtual_key
  for each statement execute function tell_change();
create trigger tell after insert or update or delete on provider for each statement execute function tell_change();
create trigger tell after insert or update or delete on route for each statement execute function tell_change();
create trigger tell after insert or update or delete on price for each statement execute function tell_change();
create trigger tell after insert or update or delete on budget for each statement execute function tell_change();
create trigger tell after insert or update or delete on policy for each statement execute function tell_change();
