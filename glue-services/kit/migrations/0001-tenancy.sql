-- Who a transaction acts for. withTenant sets both for one transaction; unset they are null and no row is visible.
create function devflow.organisation() returns uuid language sql stable parallel safe
return nullif(current_setting('devflow.organisation', true), '')::uuid;

create function devflow.person() returns uuid language sql stable parallel safe
return nullif(current_setting('devflow.person', true), '')::uuid;

-- The service a connection belongs to: its role is named after the database and the service.
-- Null for the owner, who may act for every service.
create function devflow.caller() returns text language sql stable parallel safe
return case
  when session_user = (select pg_get_userbyid(datdba) from pg_database where datname = current_database()) then null
  else substr(session_user, length(current_database()) + 2)
end;

-- Makes a table with a column organisation_id show and take only rows of the organisation in force. The owner, who runs
-- migrations, sees all rows: a migration that silently changed none of them would be worse.
create function devflow.protect(tenanted regclass) returns void language plpgsql as $$
begin
  execute format('alter table %s enable row level security', tenanted);
  execute format('alter table %s force row level security', tenanted);
  execute format(
    'create policy tenant on %s using (organisation_id = (select devflow.organisation())) '
    'with check (organisation_id = (select devflow.organisation()))', tenanted);
  execute format('create policy owner on %s to %I using (true) with check (true)', tenanted, current_user);
end $$;
