-- Hosts that keep sessions, streams and open questions in memory, and where the others reach them: a request that comes to
-- another host is forwarded to its owner. Nothing in it is an organisation's.
create table host (
  id uuid primary key,
  address text not null,
  seen_at timestamptz not null default now()
);
