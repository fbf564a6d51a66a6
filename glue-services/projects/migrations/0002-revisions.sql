-- Grows with each change that other services follow, so that they can tell an older event from a newer one.
alter table project add column revision int not null default 0;
