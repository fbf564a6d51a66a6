import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, readFile, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createServer } from "node:tls";
import { expect, test } from "vitest";
import { damage, type Manifest, readComplete } from "../../../installer/artifacts/tree.ts";
import { fixSafe } from "../../../installer/doctor/fix.ts";
import { type DoctorInput, diagnose, formatDiagnoses, rules } from "../../../installer/doctor/index.ts";
import { artifacts } from "../../../installer/doctor/rules/artifacts.ts";
import { certificate } from "../../../installer/doctor/rules/certificate.ts";
import { disk } from "../../../installer/doctor/rules/disk.ts";
import { logs } from "../../../installer/doctor/rules/logs.ts";
import { names } from "../../../installer/doctor/rules/names.ts";
import { machineFacts } from "../../../installer/preflight/index.ts";
import { afterMount, runScriptBelow } from "../preflight/machine.ts";
import { ailingStack, specOf } from "./ailing-stack.ts";

test("doctor compares the files of programs in the cache with what was unpacked", async () => {
  await using stack = await ailingStack();
  const { home } = stack.input();
  const path = join(home.cache, "artifacts", "tool-1.0-linux-x64-0123456789ab");
  await mkdir(join(path, "bin"), { recursive: true });
  await writeFile(join(path, "bin", "tool"), "abc");
  const sha256 = createHash("sha256").update("abc").digest("hex");
  const manifest: Manifest = {
    format: 1,
    name: "tool",
    version: "1.0",
    platform: "linux-x64",
    source: "test",
    evidence: "test",
    made: "2026-01-01T00:00:00Z",
    bytes: 3,
    files: [{ path: "bin/tool", size: 3, sha256 }],
    links: {},
  };
  await writeFile(join(path, ".devflow-artifact.json"), JSON.stringify(manifest));
  const cache: NonNullable<DoctorInput["artifacts"]> = {
    list: async () => {
      const found = await readComplete(path);
      return found ? [{ ...found, id: "tool-1.0-linux-x64-0123456789ab", path }] : [];
    },
    verify: () => damage(path, manifest),
  };
  const look = () => diagnose({ ...stack.input(), artifacts: cache }, { rules: [artifacts] });
  await writeFile(join(path, "bin", "tool"), "abd");
  expect(await look(), "what the stack does not run is not compared").toEqual([]);
  const spec = specOf(stack.folder, "", { name: "tool", command: [join(path, "bin/tool")] });
  const records = join(stack.paths.supervisor, "processes");
  await mkdir(records, { recursive: true });
  await writeFile(join(records, "tool.json"), JSON.stringify({ spec, wanted: "running", restarts: 0 }));
  await writeFile(join(path, "bin", "tool"), "abc");
  expect(await look()).toEqual([]);
  await writeFile(join(path, "bin", "tool"), "abd");
  expect(await look()).toMatchObject([
    {
      id: "artifact-modified",
      title: "files of tool 1.0 are not what was unpacked",
      evidence: [join(path, "bin/tool")],
      fix: { command: `rm -rf ${path} && ./devflow up`, safe: false },
    },
  ]);
  await rm(join(path, "bin", "tool"));
  expect(await look()).toMatchObject([{ id: "artifact-incomplete", severity: "error" }]);
});

test.runIf(process.platform === "linux")("doctor names a disk that is as good as full", async () => {
  await using stack = await ailingStack();
  const wrap = afterMount(`mount -t tmpfs -o size=16m tmpfs ${stack.folder}/home`);
  const found = JSON.parse(await runScriptBelow(wrap, new URL("probe.ts", import.meta.url), "disk", stack.folder));
  expect(found).toMatchObject([{ id: "disk-full", severity: "error" }]);
  expect(found[0].title).toMatch(/has only 1\d(\.\d)? MiB left$/);
  expect(await stack.look({ rules: [disk] })).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "doctor names logs that take too much room, the largest first, and is not fooled by sparse files",
  async () => {
    await using stack = await ailingStack();
    await mkdir(stack.paths.logs, { recursive: true });
    const [big, sparse] = [stack.paths.log("web"), stack.paths.log("sparse")];
    await writeFile(sparse, "");
    await truncate(sparse, 5 * 1024 ** 3);
    expect(await stack.look({ rules: [logs] })).toEqual([]);
    // Room is set aside without being written.
    execFileSync("fallocate", ["-l", "2100M", big]);
    const [found] = await stack.look({ rules: [logs] });
    expect(found).toMatchObject({ id: "logs-large", title: "the logs take 2.1 GiB" });
    expect(found?.evidence[0]).toContain(big);
  },
);

test("doctor warns before the certificate of a real domain runs out", async () => {
  await using stack = await ailingStack();
  const domain = "dev.example.com";
  const [key, cert] = [join(stack.folder, "key.pem"), join(stack.folder, "cert.pem")];
  execFileSync(
    "openssl",
    ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "30"].concat([
      ...["-subj", `/O=Test authority/CN=${domain}`, "-keyout", key, "-out", cert],
    ]),
    { stdio: "ignore" },
  );
  const server = createServer({ key: await readFile(key), cert: await readFile(cert) });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  const changes = { domain, ports: [{ component: "proxy", port }] };
  const after = (days: number) =>
    stack.look({ rules: [certificate], changes, facts: machineFacts({ now: () => Date.now() + days * 86_400_000 }) });
  expect(await after(0)).toEqual([]);
  expect(await after(20)).toMatchObject([
    { severity: "warning", title: expect.stringMatching(/runs out in (9|10) d/) },
  ]);
  expect(await after(31)).toMatchObject([{ severity: "error", title: expect.stringMatching(/ran out 1 d/) }]);
  expect((await after(31))[0]?.evidence[1]).toBe("issued by Test authority");
  server.close();
  expect(await after(31)).toEqual([]);
});

test("a rule that breaks is named and hides nothing of the others; the worst comes first", async () => {
  await using stack = await ailingStack();
  const found = await stack.look({
    rules: [
      { id: "broken", run: () => Promise.reject(new Error("odd")) },
      { id: "grave", run: async () => [{ id: "grave", severity: "error", title: "grave", detail: "", evidence: [] }] },
    ],
  });
  expect(found.map(({ id, detail }) => [id, detail])).toEqual([
    ["grave", ""],
    ["broken", "odd"],
  ]);
});

test("doctor survives a stack folder of rubbish and still says what is wrong with it", async () => {
  await using stack = await ailingStack();
  const { paths } = stack;
  await mkdir(join(paths.supervisor, "processes"), { recursive: true });
  for (const path of [
    paths.state,
    paths.key,
    paths.secrets,
    `${paths.state}.lock`,
    join(paths.supervisor, "daemon.json"),
  ]) {
    await writeFile(path, "rubbish");
  }
  await writeFile(join(paths.supervisor, "processes", "web.json"), "rubbish");
  await mkdir(join(paths.runs, "20260101T000000-abcdef"), { recursive: true });
  await writeFile(join(paths.runs, "20260101T000000-abcdef", "run.json"), "rubbish");
  const found = await stack.look();
  const ids = found.map(({ id }) => id);
  expect(ids).toContain("state-corrupt");
  expect(ids).toContain("lock-stale");
  expect(ids).toContain("permissions");
  expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
});

test("findings read well: sign, reason, last lines, fix, and what --fix would do", () => {
  const io = { color: false, env: { LANG: "C.UTF-8" } };
  expect(formatDiagnoses([], io)).toEqual(["Doctor   ✓ nothing found, all is well"]);
  const evidence = Array.from({ length: 12 }, (_, index) => `line ${index + 1}`);
  const lines = formatDiagnoses(
    [
      {
        id: "a",
        severity: "error",
        title: "web ends again and again",
        detail: "Log: web.log",
        evidence,
        fix: { command: "./devflow logs web", safe: false },
      },
      {
        id: "b",
        severity: "info",
        title: "a lock is left",
        detail: "",
        evidence: [],
        fix: { command: "rm x", safe: true, run: async () => "" },
      },
    ],
    io,
  );
  expect(lines).toEqual([
    "Doctor   ✗ 1 error   · 1 to know",
    "",
    "  ✗ web ends again and again",
    "      Log: web.log",
    ...evidence.slice(6).map((line) => `      | ${line}`),
    "      fix  ./devflow logs web",
    "",
    "  · a lock is left",
    "      fix  rm x   (safe)",
    "",
    "`./devflow doctor --fix` does the one marked safe.",
  ]);
});

test("doctor --fix adds names below localhost to the hosts file where it may, and else says the line", async () => {
  await using stack = await ailingStack();
  const hosts = join(stack.folder, "hosts");
  await writeFile(hosts, "127.0.0.1 localhost");
  const lookup = async (name: string) => ((await readFile(hosts, "utf8")).includes(name) ? ["127.0.0.1"] : []);
  const look = () =>
    stack.look({
      rules: [names],
      changes: { code: true },
      facts: machineFacts({ lookup, env: { DEVFLOW_HOSTS_FILE: hosts } }),
    });
  const found = await look();
  expect(found).toMatchObject([{ severity: "info", fix: { safe: true } }]);
  expect(found[0]?.fix?.command).toBe(`echo "127.0.0.1 code.localhost" | sudo tee -a ${hosts}`);
  expect(await fixSafe(found)).toMatchObject([{ done: true }]);
  expect(await readFile(hosts, "utf8")).toBe("127.0.0.1 localhost\n127.0.0.1 code.localhost\n");
  expect(await look()).toEqual([]);
  const facts = machineFacts({ lookup: async () => [], env: { DEVFLOW_HOSTS_FILE: "/nowhere/hosts" } });
  const gone = await stack.look({ rules: [names], changes: { code: true }, facts });
  expect(gone).toMatchObject([{ fix: { safe: false } }]);
});
