import { request } from "node:http";
import { expect, it } from "vitest";
import { startMcpGateway } from "./rig.ts";

/** An answer to a request that says another host; of a stream its first event. */
function ask(
  url: string,
  headers: Record<string, string>,
): Promise<{ status: number; challenge: string; text: string }> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers }, (answer) => {
      let text = "";
      const done = () => {
        sent.destroy();
        resolve({ status: answer.statusCode ?? 0, challenge: String(answer.headers["www-authenticate"]), text });
      };
      answer.on("data", (part: Buffer) => {
        text += part.toString();
        if (text.includes("\n\n")) done();
      });
      answer.once("end", done);
    });
    sent.once("error", reject).end();
  });
}

const metadata = "/.well-known/oauth-protected-resource/mcp";

it("whatever host and proxy headers a request says, tokens and their metadata are of the platform's public address alone", async () => {
  const rig = await startMcpGateway({ publicUrl: "https://dev.example.com" });
  for (const headers of [
    { host: "dev.example.com" },
    { host: "localhost:4400" },
    { host: "dev.example.com", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" },
  ]) {
    const { status, text } = await ask(`${rig.url}${metadata}`, headers);
    expect([status, JSON.parse(text)]).toMatchObject([
      200,
      {
        resource: "https://dev.example.com/mcp",
        authorization_servers: ["https://dev.example.com/api/auth"],
      },
    ]);
    const refused = await ask(`${rig.url}/mcp/sse`, headers);
    expect(refused.status).toBe(401);
    expect(refused.challenge).toContain(`resource_metadata="https://dev.example.com${metadata}"`);
    // The address of messages is a path: it is right under whatever address the stream was opened.
    const stream = await ask(`${rig.url}/mcp/sse`, { ...headers, ...rig.admin.headers });
    expect([stream.status, stream.text]).toEqual([200, expect.stringMatching(/data: \/mcp\/messages\?/)]);
  }
});

it("under a name that is not the platform's, and behind a proxy that rewrites it, the answer says the right address", async () => {
  const rig = await startMcpGateway({ publicUrl: "https://dev.example.com" });
  for (const headers of [
    { host: "second.example.com" },
    { host: "platform.internal:4400", "x-forwarded-host": "dev.example.com" },
  ]) {
    for (const path of ["/mcp/sse", metadata]) {
      const { status, text } = await ask(`${rig.url}${path}`, { ...headers, ...rig.admin.headers });
      expect([status, text]).toEqual([403, expect.stringContaining("Use https://dev.example.com")]);
    }
  }
});
