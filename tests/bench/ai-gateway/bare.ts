/** What one writes first: Fastify that looks at a key and hands the request on by undici, with nothing counted. */
import Fastify from "fastify";
import { Pool } from "undici";

const pool = new Pool(String(process.env.MOCK), { connections: 2048 });
const app = Fastify();
app.post("/v1/chat/completions", async (request, reply) => {
  if (request.headers.authorization !== "Bearer bench") return reply.code(401).send({ error: "no" });
  const { statusCode, headers, body } = await pool.request({
    method: "POST",
    path: "/v1/chat/completions",
    headers: { "content-type": "application/json", authorization: "Bearer provider" },
    body: JSON.stringify(request.body),
  });
  reply.code(statusCode).header("content-type", headers["content-type"]);
  return reply.send(body);
});
console.log(`ready ${await app.listen({ host: "127.0.0.1", port: 0 })}`);
