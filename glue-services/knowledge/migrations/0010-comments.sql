alter table task add column due date;
create index on task (organisation_id, due) where due is not null;

-- What people and agents say about a task. Who said it, and everything else that happened to the task, is in the audit
-- log, whose entries name the comment.
create table task_comment (
  id uuid primary key default uuidv7(),
  organisation_id uuid not null default devflow.organisation(),
  task_id uuid not null,
  text text not null,
  made_by uuid default devflow.person(),
  made_at timestamptz not null default now(),
  changed_at timestamptz,
  foreign key (organisation_id, task_id) references task (organisation_id, id) on delete cascade
);
create index on task_comment (organisation_id, task_id);
select devflow.protect('task_comment');
