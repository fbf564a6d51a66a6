import { createHash, randomBytes, randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { query, runAt, type Standing } from "./inside.ts";

const forged = "203.0.113.5";

/** Whose address the audit log has, for requests through the real front door and past it. */
export function testCallers(given: () => Standing): void {
  test("the audit log has the caller's own address through the front door, whatever headers say", async () => {
    const key = await makeKey(given());
    const { prefix, port } = given();
    const caller = await ask(`${prefix}-outer`, { host: `${prefix}-proxy`, port, name: "through the door", key });
    expect(await addressesOf("through the door")).toEqual([caller]);
    expect(caller).not.toBe(forged);
  });

  test("whoever calls the platform past the front door is who calls, whom he says he speaks for or not", async () => {
    const key = await makeKey(given());
    const { prefix } = given();
    const port = await portOf("platform");
    const caller = await ask(`${prefix}-of-platform`, { host: "platform", port, name: "past the door", key });
    expect(await addressesOf("past the door")).toEqual([caller]);
  });

  async function portOf(workload: string): Promise<number> {
    const { engine, prefix } = given();
    const { Config: config } = await engine.call<{ Config: { Labels: Record<string, string> } }>(
      "GET",
      `/containers/${prefix}-${workload}/json`,
    );
    return Number(config.Labels["dev.devflow.ports"]);
  }

  function addressesOf(name: string): Promise<string[]> {
    return query(
      given(),
      `select ip from devflow.audit where action = 'key.made' and details->>'name' = '${name}'`,
    ).then((rows) => rows.split("\n"));
  }

  /** Makes a key, which is written down, from a container on this network. @returns the container's address on it */
  async function ask(network: string, to: { host: string; port: number; name: string; key: string }): Promise<string> {
    const { port } = given();
    const script = `
      const { request } = require("node:http");
      const call = request({
        host: ${JSON.stringify(to.host)}, port: ${to.port}, method: "POST", path: "/api/identity/keys",
        headers: {
          host: "localhost:${port}", "content-type": "application/json", authorization: "Bearer ${to.key}",
          "x-forwarded-for": "${forged}", "x-real-ip": "${forged}", forwarded: "for=${forged}",
        },
      }, (answer) => {
        let text = "";
        const { localAddress } = answer.socket;
        answer.on("data", (piece) => (text += piece)).on("end", () => {
          if (answer.statusCode !== 201) { console.log(answer.statusCode, text); process.exit(1); }
          console.log(localAddress);
        });
      });
      call.end(${JSON.stringify(JSON.stringify({ name: to.name, scopes: ["keys:read"], days: 1 }))});`;
    return (await runAt(given(), network, script)).trim();
  }
}

/** A key of an owner of an organisation of its own. */
async function makeKey(given: Standing): Promise<string> {
  const key = `dfk_${randomBytes(32).toString("base64url")}`;
  const [organisation, person] = [randomUUID(), randomUUID()];
  const hash = createHash("sha256").update(key).digest("hex");
  await query(
    given,
    `insert into identity.organization (id, name, slug, "createdAt") values ('${organisation}', 'Test', '${organisation}', now());
     insert into identity."user" (id, name, email) values ('${person}', 'Test', '${person}@example.com');
     insert into identity.member ("organizationId", "userId", role, "createdAt") values ('${organisation}', '${person}', 'owner', now());
     insert into identity.api_key (organisation_id, name, start, hash, scopes, created_by)
     values ('${organisation}', 'test', 'dfk_', '\\x${hash}', '{keys:read,keys:write}', '${person}');`,
  );
  return key;
}
