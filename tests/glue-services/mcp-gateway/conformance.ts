import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const suite = fileURLToPath(
  new URL("../../../node_modules/@modelcontextprotocol/conformance/dist/index.js", import.meta.url),
);

export interface Outcome {
  /** Scored scenarios by name: whether every check passed. */
  scored: Map<string, boolean>;
  /** What it printed. */
  output: string;
}

/** Runs the scenarios that a revision of the protocol requires of a server. */
export async function conformance(url: string, revision: "2025-11-25" | "2026-07-28"): Promise<Outcome> {
  const args = [suite, "server", "--url", url, "--requirements", revision];
  const child = spawn(process.execPath, args, {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NO_COLOR: "1" },
  });
  let output = "";
  child.stdout.on("data", (part) => {
    output += part;
  });
  child.stderr.on("data", (part) => {
    output += part;
  });
  await new Promise((resolve) => child.once("close", resolve));
  const [, summary = ""] = output.split("=== SUMMARY ===");
  const [results = "", rest = ""] = summary.split("Not scored");
  const unscored = new Set([...rest.matchAll(/[✓✗] ([\w-]+) \(/g)].map(([, name]) => name));
  const lines = [...results.matchAll(/([✓✗]) ([\w-]+): (\d+) passed, (\d+) failed/g)];
  const scored = lines.filter(([, , name]) => !unscored.has(name));
  return { scored: new Map(scored.map(([, mark, name = ""]) => [name, mark === "✓"])), output };
}

/**
 * The gateway as a client that has a key sees it: the suite sends none. Everything else passes as it is, `Host` too.
 * Answers the address.
 */
export async function withKey(gateway: string, path: string, authorization: string): Promise<string> {
  const { hostname, port } = new URL(gateway);
  const front = createServer((asked, answer) => {
    const headers = { ...asked.headers, authorization };
    const passed = request({ host: hostname, port, method: asked.method, path, headers }, (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      response.pipe(answer);
      response.on("error", () => answer.destroy());
    });
    passed.on("error", () => answer.destroy());
    answer.once("close", () => passed.destroy());
    asked.pipe(passed);
  });
  await new Promise<void>((resolve) => front.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    front.closeAllConnections();
    front.close();
  });
  return `http://localhost:${(front.address() as AddressInfo).port}/mcp`;
}
