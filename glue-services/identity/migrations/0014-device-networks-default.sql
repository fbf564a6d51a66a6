-- Hosts of the former version write on while they are replaced one by one, and name no network. The default can go with a
-- later release.
alter table device_login alter column network set default '';
