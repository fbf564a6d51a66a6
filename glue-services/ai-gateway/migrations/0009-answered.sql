-- When a provider took its key last, as its test found; null: it has not yet.
alter table provider add column answered_at timestamptz;
