-- A name is something to be read.
update project set name = slug where name !~ '\S';
alter table project add constraint project_name_check check (name ~ '\S');
