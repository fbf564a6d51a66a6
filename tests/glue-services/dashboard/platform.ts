import { mkdir, writeFile } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type pg from "pg";
import { onTestFinished } from "vitest";
import { dashboard } from "../../../glue-services/dashboard/app.ts";
import { buildDashboard } from "../../../glue-services/dashboard/build.ts";
import { openShell } from "../../../glue-services/dashboard/shell.ts";
import { declarations } from "../../../glue-services/declared.ts";
import { pagesOf } from "../../../glue-services/host/services.ts";
import { identity } from "../../../glue-services/identity/app.ts";
import { issueLink } from "../../../glue-services/identity/one-time-link.ts";
import type { First } from "../../../glue-services/identity/routes/read-link.ts";
import type { App, Service } from "../../../glue-services/kit/index.ts";
import { platform } from "../../../glue-services/platform/app.ts";
import { freePort, ready, type TestStack, testStack } from "../../installer/supervisor/test-stack.ts";
import { build } from "../build.ts";
import { secretsService } from "../secrets/service.ts";

export interface Served {
  app: App;
  /** The database owner's pool. */
  owner: pg.Pool;
  url: string;
  stack: TestStack;
  /** Address of the page that makes the first administrator. */
  welcome: string;
}

/** Where tests keep the built app; its content's hash is in the path, so that runs share it. */
export const builds = join(tmpdir(), "devflow-test-dashboard");

/** A platform in small: real database, identity, supervisor with two components, a failed run, and the built dashboard. */
export async function served({
  services = [],
  first,
  addresses = {},
}: {
  services?: readonly Service[];
  /** Of components, for people. */
  addresses?: Record<string, string>;
  /** What the answers file says of the first person. */
  first?: First;
} = {}): Promise<Served> {
  await buildDashboard(builds);
  const stack = await testStack();
  onTestFinished(() => stack.dispose());
  const client = await stack.client();
  const clock = `i=0; while :; do i=$((i+1)); echo "INFO tick $i"; [ $((i % 20)) = 0 ] && echo "WARN slow $i"; sleep 0.1; done`;
  await client.put(stack.spec("database", { version: "18.4" }));
  await ready(client, "database");
  await client.put(stack.spec("clock", { sh: clock, after: ["database"] }));
  await ready(client, "clock");
  await writeRuns(stack.paths.runs);

  const port = await freePort();
  const url = `http://localhost:${port}`;
  const shell = await openShell(builds);
  const people = identity({
    publicUrl: url,
    secret: "tests-only-tests-only-tests-only-tests-only",
    clients: [],
    first,
  });
  const hidden = await secretsService({ platform: "MAIL_FROM=devflow@example.com\nSHARED=op://dev/shared/value\n" });
  const names = ["platform", ...services.map(({ name }) => name.replaceAll("_", "-"))];
  const mounted = declarations.filter(({ name }) => names.includes(name));
  const { app, owner } = await build(
    [
      people,
      platform({
        version: "0.1.0",
        publicUrl: url,
        supervisor: stack.paths.socket,
        runs: stack.paths.runs,
        docs: undefined,
        addresses: { clock: "http://clock.localhost:4400", ...addresses },
        shell: shell.send,
      }),
      ...services,
      dashboard({ shell, version: "0.1.0", kind: "local", publicUrl: url, pages: pagesOf(mounted) }),
      hidden.service,
    ],
    { verify: people.verify },
  );
  await app.listen({ host: "127.0.0.1", port });
  await writeDeadLetters(owner);
  const welcome = await issueLink(owner, url, "welcome");
  return { app, owner, url: `http://localhost:${(app.server.address() as AddressInfo).port}`, stack, welcome };
}

/** Two events that a subscriber could not take. */
async function writeDeadLetters(owner: pg.Pool): Promise<void> {
  await owner.query(
    `with happened as (
       insert into devflow.event (topic, key, payload) values
         ('notes.written', 'note-1', '{"text": "first"}'), ('notes.written', 'note-2', '{"text": "second"}') returning id, key
     )
     insert into devflow.dead_letter (subscriber, event_id, key, attempts, error)
     select 'search.index-note', id, key, 10, 'The index refused the note: it is too long.' from happened`,
  );
}

const urn = (parent: string, kind: string, name: string) =>
  `urn:pulumi:local::devflow::devflow:product:${parent}$devflow:index:${kind}::${name}`;
const product = (kind: string, name: string) => ({
  urn: `urn:pulumi:local::devflow::devflow:product:${kind}::${name}`,
  operation: "create",
  custom: false,
  dependencies: [],
});

/** One run that did its work and one, later, that failed. */
export async function writeRuns(folder: string): Promise<void> {
  const steps = [
    product("Database", "database"),
    product("Clock", "clock"),
    { ...step("Database", "Artifact", "database", "Database"), version: "18.4" },
    step("Database", "Process", "database", "Database"),
    { ...step("Clock", "Process", "clock", "Clock"), dependencies: [urn("Database", "Process", "database")] },
  ];
  const done = steps
    .filter(({ custom }) => custom)
    .flatMap(({ urn }) => [line(urn, "started", 1000), line(urn, "done", 2000)]);
  await write("20260101T100000-aaaaaa", steps, done, { status: "done", finishedAt: "2026-01-01T10:00:10Z" });
  const [failed] = steps.filter(({ urn }) => urn.includes("Clock") && urn.includes("Process"));
  const failure = {
    ...line(failed?.urn ?? "", "failed", 3000),
    message: "Port 3000 is held by node (pid 4121).",
    hint: "Free it, or choose another: `./devflow config set network.port=3010`",
  };
  const second = [...done.slice(0, 4), line(failed?.urn ?? "", "started", 2500), failure];
  await write("20260102T100000-bbbbbb", steps, second, { status: "failed", finishedAt: "2026-01-02T10:00:04Z" });

  async function write(id: string, plan: object[], events: object[], result: object): Promise<void> {
    const at = join(folder, id);
    await mkdir(at, { recursive: true });
    const day = id.slice(0, 8).replace(/(\d{4})(\d\d)(\d\d)/, "$1-$2-$3");
    const run = { id, mode: "up", version: "0.1.0", createdAt: `${day}T10:00:00Z`, options: {}, steps: plan };
    const settings = [
      { path: "network.port", value: 4400, from: "flag", where: "--set" },
      { path: "sizing.clock.memory", value: 64, from: "profile", where: "standard" },
    ];
    await writeFile(join(at, "run.json"), JSON.stringify(run));
    await writeFile(join(at, "settings.json"), JSON.stringify(settings));
    await writeFile(join(at, "events.jsonl"), `${events.map((event) => JSON.stringify(event)).join("\n")}\n{"half":`);
    await writeFile(join(at, "result.json"), JSON.stringify(result));
  }
}

function step(parent: string, kind: string, name: string, owner: string) {
  return {
    urn: urn(parent, kind, name),
    parent: `urn:pulumi:local::devflow::devflow:product:${owner}::${name}`,
    operation: "create",
    custom: true,
    dependencies: [] as string[],
  };
}

function line(of: string, state: string, at: number) {
  return { at: 1_767_261_600_000 + at, state, urn: of, operation: "create" };
}
