import type { FastifyRequest } from "fastify";
import { ApiError } from "./api-error.ts";
import { organisationHeader, organisationParameter, organisationSlug } from "./organisation-header.ts";

const shape = new RegExp(organisationSlug);

/**
 * The organisation that a person's request is to act for, by its slug; undefined for the one that their session is set
 * to. Whoever reads it must check that they are a member.
 *
 * @throws ApiError NOT_A_MEMBER for what cannot be a slug
 */
export function organisationAsked(request: FastifyRequest): string | undefined {
  return demandSlug(organisationGiven(request));
}

/** What the request has in the place of the slug, whatever that is. */
export function organisationGiven(request: FastifyRequest): string | undefined {
  const given = request.headers[organisationHeader] ?? inAddress(request);
  return given === undefined ? undefined : String(given);
}

/** @throws ApiError NOT_A_MEMBER for what cannot be a slug */
export function demandSlug(given: string | undefined): string | undefined {
  if (given === undefined || shape.test(given)) return given;
  throw notAMember(given);
}

/** One answer for organisations that are not there and for those of others, so that it tells nobody which there are. */
export function notAMember(slug: string): ApiError {
  return new ApiError("NOT_A_MEMBER", `You are not a member of an organisation with the short name ${slug}.`);
}

function inAddress({ routeOptions, query }: FastifyRequest): unknown {
  if (!routeOptions.config.organisationInAddress) return undefined;
  return (query as Record<string, unknown>)[organisationParameter];
}

declare module "fastify" {
  interface FastifyContextConfig {
    /** Browsers open it without headers of ours (a WebSocket, a download): its query may name the organisation. */
    organisationInAddress?: boolean;
  }
}
