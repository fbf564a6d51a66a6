import type { FastifyInstance } from "fastify";
import type { Pool } from "pg";
import { type Static, Type } from "typebox";
import { ApiError } from "../api-error.ts";
import { discardDeadLetters, listDeadLetters, retryDeadLetters } from "./dead-letters.ts";
import { listEvents, listTopics, readEvent } from "./recent.ts";

export const deadLettersPath = "/api/platform/dead-letters";
export const eventsPath = "/api/platform/events";

const Id = Type.String({ pattern: "^[0-9]{1,18}$" });
const Letter = Type.Object({
  id: Id,
  subscriber: Type.String(),
  topic: Type.String(),
  key: Type.String(),
  organisation: Type.Union([Type.String(), Type.Null()]),
  payload: Type.Unknown(),
  attempts: Type.Integer(),
  error: Type.String({ description: "Why the last attempt failed." }),
  emittedAt: Type.String({ format: "date-time" }),
  diedAt: Type.String({ format: "date-time" }),
});
const Query = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  before: Type.Optional(Id),
  subscriber: Type.Optional(Type.String()),
});
const Params = Type.Object({ id: Id });
const Event = Type.Object({
  id: Id,
  topic: Type.String(),
  key: Type.String(),
  organisation: Type.Union([Type.String(), Type.Null()]),
  emittedAt: Type.String({ format: "date-time" }),
  open: Type.Array(
    Type.Object({
      subscriber: Type.String(),
      state: Type.Union([Type.Literal("waiting"), Type.Literal("failing"), Type.Literal("failed")]),
      attempts: Type.Integer(),
      retryAt: Type.Union([Type.String(), Type.Null()]),
      error: Type.Union([Type.String(), Type.Null()]),
    }),
    { description: "Subscribers that have not taken it; those that have are not kept." },
  ),
});
const EventQuery = Type.Object({
  limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
  before: Type.Optional(Id),
  topic: Type.Optional(
    Type.String({
      pattern: "^[a-z0-9][a-z0-9.-]*(\\.\\*)?$",
      maxLength: 100,
      description: "One, or all below: billing.*",
    }),
  ),
});

/** Events that failed too often, for an administrator of the platform: to see, to try again, to discard. */
export function serveDeadLetters(app: FastifyInstance, owner: Pool): void {
  const auth = { role: "platform-administrator" };
  const tags = ["platform"];

  app.get<{ Querystring: Static<typeof Query> }>(
    deadLettersPath,
    {
      auth,
      schema: {
        tags,
        summary: "Events that failed too often",
        querystring: Query,
        response: { 200: Type.Array(Letter) },
      },
    },
    async ({ query: { limit, before, subscriber } }) => {
      const letters = await listDeadLetters(owner, {
        limit,
        ...(before !== undefined && { before: BigInt(before) }),
        ...(subscriber !== undefined && { subscriber }),
      });
      return letters.map((letter) => ({ ...letter, id: letter.id.toString() }));
    },
  );
  app.post<{ Params: Static<typeof Params> }>(
    `${deadLettersPath}/:id/retry`,
    { auth, schema: { tags, summary: "Try one again", params: Params, response: { 204: Type.Null() } } },
    async ({ params }, reply) => answer(await retryDeadLetters(owner, [BigInt(params.id)]), reply),
  );
  app.delete<{ Params: Static<typeof Params> }>(
    `${deadLettersPath}/:id`,
    { auth, schema: { tags, summary: "Discard one", params: Params, response: { 204: Type.Null() } } },
    async ({ params }, reply) => answer(await discardDeadLetters(owner, [BigInt(params.id)]), reply),
  );
}

/** What services told each other lately, for an administrator of the platform; the content only of one that is asked for. */
export function serveEvents(app: FastifyInstance, owner: Pool): void {
  const auth = { role: "platform-administrator" };
  const tags = ["platform"];

  app.get<{ Querystring: Static<typeof EventQuery> }>(
    eventsPath,
    {
      auth,
      schema: {
        tags,
        summary: "Recent events, newest first",
        querystring: EventQuery,
        response: { 200: Type.Object({ events: Type.Array(Event), next: Type.Union([Id, Type.Null()]) }) },
      },
    },
    ({ query }) => listEvents(owner, query),
  );
  app.get(
    `${eventsPath}/topics`,
    { auth, schema: { tags, summary: "Topics of recent events", response: { 200: Type.Array(Type.String()) } } },
    () => listTopics(owner),
  );
  app.get<{ Params: Static<typeof Params> }>(
    `${eventsPath}/:id`,
    {
      auth,
      schema: {
        tags,
        summary: "One event, with its content",
        params: Params,
        response: { 200: Type.Intersect([Event, Type.Object({ payload: Type.Unknown() })]) },
      },
    },
    async ({ params }) => {
      const event = await readEvent(owner, params.id);
      if (!event) throw new ApiError("NOT_FOUND", "There is no such event, or no longer.");
      return event;
    },
  );
}

function answer(found: number, reply: { code(status: number): { send(): unknown } }): unknown {
  if (found === 0) throw new ApiError("NOT_FOUND", "There is no such dead letter.");
  return reply.code(204).send();
}
