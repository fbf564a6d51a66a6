-- When Gitea last told of a push: one that came while the source was being read is read after it.
alter table source add column pushed_at timestamptz;
