/** What belongs to the server's section: whoever is not signed in comes to sign-on, which lets them in without a click. */
export const landing = "LANDING_PAGE = login";

/** The part of Gitea's configuration that says who gets in and how. */
export const people = `[service]
; People come by the platform's sign-in, and by nothing else.
ALLOW_ONLY_EXTERNAL_REGISTRATION = true
ENABLE_PASSWORD_SIGNIN_FORM = false
ENABLE_PASSKEY_AUTHENTICATION = false
REQUIRE_SIGNIN_VIEW = false

; Public repositories are for everybody who has their address; lists of people and organisations are for those signed in.
[service.explore]
REQUIRE_SIGNIN_VIEW = true

[openid]
ENABLE_OPENID_SIGNIN = false

[oauth2_client]
ENABLE_AUTO_REGISTRATION = true
USERNAME = preferred_username
; An account that is there already is never handed to somebody who only has the same name or address.
ACCOUNT_LINKING = login
`;
