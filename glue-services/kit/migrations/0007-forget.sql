-- Forgets, piece by piece, what was taken a week ago; what still waits, for a subscriber or for a person, stays. Each call is
-- short whatever there is to forget. Answers how many rows went: fewer than `most` say that nothing is left.
create function devflow.forget(most int) returns int language plpgsql as $$
declare
  effects int;
  events int;
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
  return greatest(effects, events);
end $$;
revoke execute on function devflow.forget(int) from public;
