-- Whether a provider may vouch for the people of its domain: what lets somebody who was invited sign on there.
alter table "ssoProvider" add column "domainVerified" boolean;

-- One domain is one provider's.
create unique index "ssoProvider_domain_uidx" on "ssoProvider" (lower("domain"));
