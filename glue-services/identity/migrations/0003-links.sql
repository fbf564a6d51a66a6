-- Makes a link that works once, of which only the hash is given. Former ones of the same purpose for the same person or
-- invitation stop working. The installer calls it too, as the owner.
create function issue_link(for_purpose text, token_hash bytea, person uuid default null, invitation uuid default null)
returns void language sql as $$
  delete from identity.one_time_link where purpose = for_purpose and used_at is null
    and person_id is not distinct from person and invitation_id is not distinct from invitation;
  insert into identity.one_time_link (purpose, hash, person_id, invitation_id, expires_at)
  values (for_purpose, token_hash, person, invitation,
    now() + case for_purpose when 'invitation' then interval '7 days' else interval '30 minutes' end);
$$;
