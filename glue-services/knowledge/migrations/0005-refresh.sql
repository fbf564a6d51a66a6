-- The commit that was read whole, and with which settings: until one of them is another, there is nothing to read.
alter table source add column read_commit text;
alter table source add column read_settings jsonb;
-- Repositories are read again when a push is told; this is for when it was not.
update source set refresh_hours = 6 where kind = 'git' and refresh_hours is null;
