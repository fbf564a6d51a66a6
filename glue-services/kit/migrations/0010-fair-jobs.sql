-- Jobs take turns by organisation: each one's next job is a turn later than its last one that still waits, and whoever has
-- none waiting joins at the turn that is up. So a single job runs within a round, however many another organisation has
-- waiting. Rows are only added and never waited for: two that add at once may share a turn, which does no harm.
create table devflow.job_turn (
  -- All zeros: jobs of nobody.
  organisation uuid not null,
  -- The priority that the service asked for. Each has turns of its own, so it orders the jobs of one organisation.
  priority smallint not null,
  turn int not null,
  job bigint not null
);
create index on devflow.job_turn (organisation, priority, turn desc);

create or replace function devflow.add_job(
  name text, data json, trace text, queue text, run_at timestamptz, attempts int, job_key text, priority int
) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
  whose uuid := coalesce(devflow.organisation(), '00000000-0000-0000-0000-000000000000');
  class smallint := least(greatest(coalesce(add_job.priority, 0), -4), 3);
  next int;
  before record;
  added bigint;
begin
  perform devflow.demand(split_part(name, '.', 1));
  -- One that is replaced keeps its turn.
  select j.priority >> 3 into next from graphile_worker._private_jobs j
  where j.key = add_job.job_key and j.locked_at is null and j.attempts = 0;
  if next is null then
    select t.turn, exists (
      select from graphile_worker._private_jobs j where j.id = t.job and j.locked_at is null and j.attempts = 0
    ) as waits into before
    from devflow.job_turn t where t.organisation = whose and t.priority = class order by t.turn desc, t.job desc limit 1;
    if before.waits then
      next := before.turn + 1;
    else
      delete from devflow.job_turn d where d.ctid = any (array(
        select t.ctid from devflow.job_turn t where t.organisation = whose and t.priority = class limit 1000
        for update skip locked
      ));
      -- The turn that is up: the earliest of those that wait and could have begun when they were added.
      select j.priority >> 3 into next from graphile_worker._private_jobs j
      where j.is_available and j.attempts = 0 and j.run_at <= j.created_at order by j.priority, j.run_at limit 1;
    end if;
  end if;
  next := greatest(coalesce(next, 0), 0);
  select (graphile_worker.add_job(
    name, json_build_object('organisation', devflow.organisation(), 'person', devflow.person(), 'trace', trace, 'data', data),
    queue_name => queue, run_at => add_job.run_at, max_attempts => attempts,
    job_key => add_job.job_key, priority => next * 8 + class + 4
  )).id into added;
  insert into devflow.job_turn (organisation, priority, turn, job) values (whose, class, next, added);
  return added;
end $$;

create or replace function devflow.forget(most int) returns int language plpgsql as $$
declare
  effects int;
  events int;
  turns int;
begin
  delete from devflow.job_effect where job_id in (
    select job_id from devflow.job_effect where done_at < now() - interval '30 days' limit most
  );
  get diagnostics effects = row_count;
  delete from devflow.event where id in (
    select e.id from devflow.event e where e.emitted_at < now() - interval '7 days'
      and not exists (select from devflow.delivery d where d.event_id = e.id)
      and not exists (select from devflow.dead_letter l where l.event_id = e.id)
    limit most
  );
  get diagnostics events = row_count;
  delete from devflow.job_turn where ctid = any (array(
    select t.ctid from devflow.job_turn t
    where not exists (select from graphile_worker._private_jobs j where j.id = t.job) limit most for update skip locked
  ));
  get diagnostics turns = row_count;
  return greatest(effects, events, turns);
end $$;
