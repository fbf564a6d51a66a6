-- The owner's password is rotated by a second role to log in as, which acts as the owner: it counts as the owner here too.
create or replace function devflow.caller() returns text language sql stable parallel safe
return case
  when pg_has_role(session_user, (select datdba from pg_database where datname = current_database()), 'member') then null
  else substr(session_user, length(current_database()) + 2)
end;
