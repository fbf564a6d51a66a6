import { spawnSync } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { confined, findWay, type Way } from "../../../glue-services/mcp-gateway/children/sandbox.ts";
import { client, words } from "./clients.ts";
import { startMcpGateway } from "./rig.ts";

const best = await findWay(tmpdir());
const root = process.getuid?.() === 0;
/** Every way that this machine has. */
const ways: Way[] = [...(best === "bubblewrap" ? [best] : []), ...(root ? (["user"] as const) : [])];

/** A stack's folder with a key that only the host's user may read, and the home of programs in it. */
async function stack() {
  const folder = await mkdtemp(join(tmpdir(), "devflow-sandbox-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [keys, home, notes] = ["config", "data/mcp", "notes"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const one of [keys, home, notes]) await mkdir(one, { recursive: true, mode: 0o755 });
  await writeFile(join(keys, "master.key"), "the platform's key", { mode: 0o600 });
  await writeFile(join(notes, "today.txt"), "a note", { mode: 0o644 });
  // As a folder above the stack would be: only whoever knows the way may pass.
  spawnSync("chmod", ["0711", folder]);
  return { folder, keys, home, notes };
}

it.skipIf(ways.length === 0)(
  "a program cannot read the host's key, even when its command names the folder (needs bubblewrap or a host run by root)",
  async () => {
    const { folder, keys, home, notes } = await stack();
    const key = join(keys, "master.key");
    const script = 'cat "$1" 2>&1; cat "$2/today.txt"; echo; touch $4 && echo made; ls -d /proc/$3 2>&1';
    for (const way of ways) {
      for (const more of [[], [folder]]) {
        const args = ["sh", "-c", script, "sh", key, notes, String(process.pid), `${way}${more.length}`, ...more];
        const made = confined({ command: args, environment: {}, folder: home, hidden: [keys] }, way);
        const [program = "", ...rest] = made.command;
        const { stdout, stderr } = spawnSync(program, rest, { ...made, cwd: home, encoding: "utf8", env: process.env });
        expect(`${way}: ${stdout}${stderr}`).toContain("a note\nmade");
        expect(stdout).not.toContain("the platform's key");
        if (way === "bubblewrap") expect(stdout).toContain(`cannot access '/proc/${process.pid}'`);
      }
    }
  },
);

it.skipIf(best !== "bubblewrap")(
  "a program that the gateway starts sees neither files of the host nor its processes (needs bubblewrap)",
  async () => {
    const { keys, notes } = await stack();
    const rig = await startMcpGateway({ hidden: [keys] });
    const script = `const { readFileSync, readdirSync, writeFileSync } = require("fs");
    const see = (look) => { try { return String(look()); } catch ({ code }) { return code; } };
    require("readline").createInterface({ input: process.stdin }).on("line", (line) => {
      const { id, method, params } = JSON.parse(line);
      const send = (result) => id !== undefined && console.log(JSON.stringify({ jsonrpc: "2.0", id, result }));
      if (method === "initialize") return send({ protocolVersion: params.protocolVersion, capabilities: { tools: {} }, serverInfo: { name: "t", version: "1" } });
      if (method !== "tools/call") return id !== undefined && console.log(JSON.stringify({ jsonrpc: "2.0", id, error: { code: -32601, message: method } }));
      writeFileSync("kept", "");
      const seen = [see(() => readFileSync(process.argv[2])), see(() => readFileSync("/etc/shadow")), see(() => readdirSync("/proc").filter(Number).length < 6), see(() => readdirSync("/tmp").length < 3)];
      send({ content: [{ type: "text", text: seen.join(" ") }] });
    });`;
    const program = join(notes, "server.cjs");
    await writeFile(program, script);
    const command = [process.execPath, program, join(keys, "master.key")];
    await rig.add({ name: "curious", transport: "stdio", command });
    const one = await client(rig);
    expect(words(await one.callTool({ name: "curious__look", arguments: {} }))).toBe("ENOENT ENOENT true true");
  },
);
