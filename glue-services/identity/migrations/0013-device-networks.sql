-- Whoever has one address of an IPv6 network has 2^64 of them, so machines that wait are counted by the network. Those that
-- wait now are forgotten within ten minutes.
alter table device_login add column network text not null default '';
alter table device_login alter column network drop default;
create index on device_login (network, expires_at);
drop index device_login_address_expires_at_idx;
