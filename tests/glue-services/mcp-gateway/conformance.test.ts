import { fileURLToPath } from "node:url";
import { describe, expect, it, onTestFinished } from "vitest";
import { conformance, withKey } from "./conformance.ts";
import { serveReference } from "./reference/server.ts";
import { startMcpGateway } from "./rig.ts";

const program = fileURLToPath(new URL("reference/server.ts", import.meta.url));

describe("the protocol's conformance suite, in front of a server that passes it", () => {
  for (const [revision, scenarios] of [
    ["2025-11-25", 30],
    ["2026-07-28", 37],
  ] as const) {
    it(`every scored scenario of ${revision} passes through the gateway to a server over HTTP`, async () => {
      const [rig, reference] = await Promise.all([startMcpGateway(), serveReference()]);
      onTestFinished(() => reference.close());
      await rig.add({ name: "reference", transport: "http", url: reference.url });
      const url = await withKey(rig.url, "/mcp/servers/reference", rig.admin.headers.authorization);
      const [direct, through] = [await conformance(reference.url, revision), await conformance(url, revision)];
      expect(failures(direct.scored)).toEqual([]);
      expect(direct.scored.size).toBe(scenarios);
      expect(failures(through.scored), through.output).toEqual([]);
      expect(through.scored.size).toBe(scenarios);
    });

    it(`every scored scenario of ${revision} passes to a server that is a program`, async () => {
      const rig = await startMcpGateway();
      const command = [process.execPath, "--disable-warning=ExperimentalWarning", program];
      await rig.add({ name: "reference", transport: "stdio", command });
      const url = await withKey(rig.url, "/mcp/servers/reference", rig.admin.headers.authorization);
      const { scored, output } = await conformance(url, revision);
      expect(failures(scored), output).toEqual([]);
      expect(scored.size).toBe(scenarios);
    });
  }
});

function failures(scored: Map<string, boolean>): string[] {
  return [...scored].filter(([, passed]) => !passed).map(([name]) => name);
}
