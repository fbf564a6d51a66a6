-- Generations of dimensions that the server has no schema of are never mirrored: nobody need look at them every minute.
drop function knowledge.mirrors_at_work();
create function knowledge.mirrors_at_work(dimensions int[]) returns table (organisation_id uuid)
language sql stable security definer set search_path = knowledge, public, pg_temp as $$
  select distinct u.organisation_id from unfed u
  union
  select g.organisation_id from generation g left join mirror m on m.generation_id = g.id
  where g.state <> 'retired' and g.dimension = any (dimensions) and m.filled_at is null
  union
  select m.organisation_id from mirror m left join generation g on g.id = m.generation_id and g.state <> 'retired'
  where g.id is null;
$$;
