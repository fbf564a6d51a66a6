// What a service is made of.

export { ApiError, type ApiErrorCode } from "./api-error.ts";
export { type App, type AppOptions, buildApp } from "./app.ts";
export { type AuditEntry, audit } from "./audit/audit.ts";
export type { Identity, RouteAuth, Verifier } from "./authentication.ts";
export { clientNetwork } from "./client-network.ts";
export { type Answering, type Answers, type CallOptions, type Client, call, contract } from "./contract/contract.ts";
export { GivenIdentity, giveIdentity, takeIdentity } from "./contract/identity.ts";
export { offered } from "./contract/offered.ts";
export { GivenPerson, GivenTenant } from "./contract/tenant.ts";
export { serviceKeys } from "./contract/token.ts";
export type { Peers } from "./contract/use.ts";
export { describedAs } from "./described.ts";
export { ErrorAnswer } from "./error-handler.ts";
export { type Change, type Feed, holds, type Need, type Viewer } from "./feed/feed.ts";
export { type Find, type Found, mostOfKind } from "./find/find.ts";
export { demandSlug, notAMember, organisationAsked, organisationGiven } from "./organisation.ts";
export { isRange, type Proxies } from "./proxies.ts";
export type { Service } from "./service.ts";
export { slugOf } from "./slug.ts";
export { demandZone, TimeZone } from "./time-zone.ts";
export { type OfferedTool, type Tool, type ToolAnswer, type ToolContext, tool, toolsOf } from "./tool.ts";

// Data: app.database.query(request.identity, …), app.database.withTenant(request.identity, (tx) => …)

export type { Database } from "./database/database.ts";
export type { Tenant, Transaction } from "./database/transaction.ts";

// Texts and rows that callers have a hand in: what PostgreSQL cannot keep must not stop what others write.

export { type Refused, writeApart } from "./database/apart.ts";
export { storableJson, storableText } from "./database/storable.ts";

// Events: written with the data, taken at least once; their effects in the database happen once.

export { type DeadLetter, discardDeadLetters, listDeadLetters, retryDeadLetters } from "./events/dead-letters.ts";
export { emit, type NewEvent } from "./events/emit.ts";
export { type DeliveredEvent, type Subscription, subscription } from "./events/subscription.ts";

// Jobs and cron.

export { type AddOptions, addJob, type Job, type JobContext, job } from "./jobs/job.ts";

// Live: app.live.topic(…), app.live.publish(…)

export { closeCodes } from "./live/close-codes.ts";
export type { Live, TopicOptions } from "./live/hub.ts";
export { ClientMessage, ServerMessage } from "./live/messages.ts";

// What can be seen of it.

export { type LogLevel, logLevels } from "./logging.ts";
export { metricsPath } from "./metrics.ts";
export { type OpenSpan, openSpan, span } from "./tracing/span.ts";

// What is asked of the database again only when it changed.

export { type Remembered, remember } from "./remembered.ts";

// Waiting that can be given up.

export { untilAborted } from "./until-aborted.ts";

// Patterns that people entered.

export { readJson } from "./read-json.ts";
export { fitsWildcard, type WildcardOptions } from "./wildcard.ts";

// Calls to addresses that people entered.

export { type Allowed, allowed } from "./outgoing/allow.ts";
export { guardedLookup, isPrivateHost, publicOnly } from "./outgoing/guard.ts";
