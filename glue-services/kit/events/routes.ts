import type { FastifyInstance } from "fastify";
import type { Pool } from "pg";
import { type Static, Type } from "typebox";
import { ApiError } from "../api-error.ts";
import { discardDeadLetters, listDeadLetters, retryDeadLetters } from "./dead-letters.ts";

export const deadLettersPath = "/api/platform/dead-letters";

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

function answer(found: number, reply: { code(status: number): { send(): unknown } }): unknown {
  if (found === 0) throw new ApiError("NOT_FOUND", "There is no such dead letter.");
  return reply.code(204).send();
}
