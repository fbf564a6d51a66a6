-- What happened to one thing, such as a task, is shown beside it.
create index on devflow.audit (organisation_id, target, at) where target is not null;
