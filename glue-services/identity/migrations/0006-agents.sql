-- Programs that a person let act for them in an organisation (the consent's "referenceId").
alter table "oauthConsent" add column "usedAt" timestamptz;
-- Access tokens made before count no more. They carry their own signature, so this is what revokes them.
alter table "oauthConsent" add column "cutAt" timestamptz;
create unique index "oauthConsent_one_uidx" on "oauthConsent" ("clientId", "userId", coalesce("referenceId", ''));

-- Whoever writes and runs may also use agents' tools.
update role set permissions = '{*:read,*:write,*:run,*:use}', description = 'Builds: reads everything, writes, runs and uses what is built.'
  where organisation_id is null and name = 'developer';

-- Who an access token acts for: the person who consented, with what their roles in that organisation allow now.
create function token_identity(consent uuid, issued timestamptz, of_session uuid)
returns table (person uuid, organisation uuid, roles text[], scopes text[], credential uuid, client text)
language plpgsql security definer set search_path = identity, pg_catalog, pg_temp as $$
begin
  return query select u.id, m."organizationId", held.list, what_roles_allow(m."organizationId", held.list), c.id, c."clientId"
    from "oauthConsent" c
    join "oauthClient" a on a."clientId" = c."clientId" and not coalesce(a.disabled, false)
    join "user" u on u.id = c."userId" and not u.disabled
    join member m on m."userId" = u.id and m."organizationId"::text = c."referenceId"
    cross join lateral (select string_to_array(m.role, ',') as list) held
    where c.id = consent and (c."cutAt" is null or c."cutAt" < issued)
      and (of_session is null or exists (select from session s where s.id = of_session and s."expiresAt" > now()));
  update "oauthConsent" c set "usedAt" = now()
  where c.id = consent and (c."usedAt" is null or c."usedAt" < now() - interval '5 minutes');
end $$;

-- A refresh token that is given up or taken away ends the access tokens of its consent; one that is renewed does not.
create function cut_access() returns trigger language plpgsql as $$
begin
  if tg_op = 'DELETE' or (new.revoked is not null and new."rotatedAt" is null) then
    update identity."oauthConsent" set "cutAt" = clock_timestamp()
    where "clientId" = old."clientId" and "userId" = old."userId" and "referenceId" is not distinct from old."referenceId";
  end if;
  return null;
end $$;
create trigger cut after delete or update of revoked on "oauthRefreshToken" for each row execute function cut_access();

-- So does a consent that is given again for less.
create function cut_narrowed() returns trigger language plpgsql as $$
begin
  if not new.scopes @> old.scopes then new."cutAt" = clock_timestamp(); end if;
  return new;
end $$;
create trigger narrowed before update of scopes on "oauthConsent" for each row execute function cut_narrowed();

create trigger tell after delete or update of "cutAt", scopes on "oauthConsent" for each statement execute function tell_change();
create trigger tell after delete or update of disabled on "oauthClient" for each statement execute function tell_change();
