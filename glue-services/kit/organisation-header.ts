/** Header of a signed-in person's request, with the slug of the organisation to act for. Keys and tokens have their own. */
export const organisationHeader = "x-devflow-organisation";

/** The same in the query of what a browser opens without headers. */
export const organisationParameter = "organisation";

/** Pattern of an organisation's slug. */
export const organisationSlug = "^[a-z0-9](?:[a-z0-9-]{0,60}[a-z0-9])?$";
