-- Jobs whose effect is in the database. A job may be begun again after a crash; its effect is written with this row.
create table devflow.job_effect (
  job_id bigint primary key,
  service text not null,
  done_at timestamptz not null default now()
);
create index on devflow.job_effect (done_at);

-- False when the effect is there already, so that whoever asks leaves it alone.
create function devflow.once(service text, job bigint) returns boolean
language plpgsql security definer set search_path = pg_catalog as $$
begin
  perform devflow.demand(service);
  insert into devflow.job_effect (job_id, service) values (job, service) on conflict do nothing;
  return found;
end $$;

-- Adds a job in the transaction of the data it is about.
create function devflow.add_job(
  name text, data json, trace text, queue text, run_at timestamptz, attempts int, job_key text, priority int
) returns bigint
language plpgsql security definer set search_path = pg_catalog as $$
declare
  added bigint;
begin
  perform devflow.demand(split_part(name, '.', 1));
  select (graphile_worker.add_job(
    name, json_build_object('organisation', devflow.organisation(), 'person', devflow.person(), 'trace', trace, 'data', data),
    queue_name => queue, run_at => add_job.run_at, max_attempts => attempts,
    job_key => add_job.job_key, priority => add_job.priority
  )).id into added;
  return added;
end $$;

-- Lets go of jobs that a host held which is no longer there: every host holds an advisory lock of its own name while it
-- lives. The age keeps a host that has just started, and has not got its lock yet, out of it.
create function devflow.release_jobs() returns int language plpgsql as $$
declare
  holder text;
  gone text[] := '{}';
begin
  for holder in
    select distinct locked_by from graphile_worker.jobs
    where locked_by is not null and locked_at < now() - interval '3 seconds'
  loop
    if pg_try_advisory_xact_lock(hashtextextended('devflow jobs ' || holder, 0)) then gone := gone || holder; end if;
  end loop;
  if cardinality(gone) > 0 then perform graphile_worker.force_unlock_workers(gone); end if;
  return cardinality(gone);
end $$;

-- Forgets what was taken a week ago; what still waits, for a subscriber or for a person, stays.
create function devflow.forget() returns int language plpgsql as $$
declare
  forgotten int;
begin
  delete from devflow.job_effect where done_at < now() - interval '30 days';
  delete from devflow.event e where e.emitted_at < now() - interval '7 days'
    and not exists (select from devflow.delivery d where d.event_id = e.id)
    and not exists (select from devflow.dead_letter l where l.event_id = e.id);
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;

revoke execute on function devflow.forget, devflow.release_jobs from public;
