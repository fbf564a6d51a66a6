import { createHmac, timingSafeEqual } from "node:crypto";
import { Type } from "typebox";
import { ApiError } from "../../kit/index.ts";
import type { Knowledge } from "../knowledge.ts";
import { beginRun } from "../runs/run.ts";
import { ById } from "../schemas.ts";

const limit = 4 * 1024 * 1024;

/** Where Gitea tells of pushes. What it says is not believed, nor looked at, before its signature was. */
export async function hookRoutes(knowledge: Knowledge): Promise<void> {
  const { app, database } = knowledge;
  await app.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", { parseAs: "buffer", bodyLimit: limit }, (_request, body, done) =>
      done(null, body),
    );
    scope.post(
      "/api/knowledge/hooks/:id",
      {
        auth: "public",
        bodyLimit: limit,
        config: { hook: true },
        schema: {
          tags: ["knowledge"],
          summary: "Hears of a push from Gitea",
          params: ById,
          response: { 202: Type.Object({}) },
        },
      },
      async ({ params, body, headers }, reply) => {
        const { id } = params as { id: string };
        const { rows } = await database.pool.query<{ organisation: string; secret: string }>(
          "select organisation_id as organisation, secret from knowledge.hook_of($1)",
          [id],
        );
        const signature = String(headers["x-gitea-signature"] ?? headers["x-hub-signature-256"] ?? "").replace(
          "sha256=",
          "",
        );
        // Whether there is such a source is nothing to a stranger.
        if (!rows[0] || !Buffer.isBuffer(body) || !signed(body, rows[0].secret, signature)) {
          throw new ApiError("UNAUTHENTICATED", "The signature is not valid.");
        }
        const tenant = { organisation: rows[0].organisation };
        // A push while it is read is read by the next one: what was read may be the commit before it.
        await database.withTenant(tenant, async (tx) => {
          await tx.query("update source set pushed_at = now() where id = $1", [id]);
          await beginRun(tx, knowledge.jobs, id).catch((error: unknown) => {
            if (!(error instanceof ApiError && error.code === "CONFLICT")) throw error;
          });
        });
        knowledge.tell(tenant, { source: id });
        return reply.code(202).send({});
      },
    );
  });
}

function signed(body: Buffer, secret: string, signature: string): boolean {
  const expected = createHmac("sha256", secret).update(body).digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}
