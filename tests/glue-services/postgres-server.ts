import { type ChildProcess, execFile, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import pg from "pg";
import { program } from "../program.ts";

/** A real PostgreSQL in a temporary folder, for one run of the tests. */
export interface PostgresServer {
  port: number;
  superuser: string;
  password: string;
  process: ChildProcess;
  /** Starts it again in the same folder, after it was killed. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const superuser = "postgres";
const password = "tests-only";

/** Fast and forgetful: nothing in it needs to outlive a power failure. */
const settings = [
  "fsync=off",
  "full_page_writes=off",
  "shared_buffers=64MB",
  "max_connections=200",
  "listen_addresses=127.0.0.1",
  "autovacuum_naptime=5s",
];

export async function startPostgres(extra: string[] = []): Promise<PostgresServer> {
  const bin = join(await program("postgres"), "bin");
  const folder = await mkdtemp(join(tmpdir(), "devflow-pg-"));
  const data = join(folder, "data");
  const secret = join(folder, "password");
  await writeFile(secret, password, { mode: 0o600 });
  const locale = ["--locale=C.UTF-8", "--no-instructions", "--no-sync"];
  await run(join(bin, "initdb"), ["-D", data, "-U", superuser, "-A", "scram-sha-256", `--pwfile=${secret}`, ...locale]);
  const port = await freePort();
  const flags = [...settings, `port=${port}`, `unix_socket_directories=${folder}`, ...extra].flatMap((one) => [
    "-c",
    one,
  ]);

  const server: PostgresServer = {
    port,
    superuser,
    password,
    process: launch(),
    async restart() {
      await ended(server.process);
      // The former server's children may take a moment to notice that it is gone, and it does not start before that.
      for (let tries = 0; tries < 200; tries++) {
        server.process = launch();
        const gone = ended(server.process).then(() => false);
        if (await Promise.race([gone, accepts(port).then(() => true)])) return;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
      throw new Error("PostgreSQL did not start again.");
    },
    async stop() {
      server.process.kill("SIGINT");
      await ended(server.process);
      await rm(folder, { recursive: true, force: true });
    },
  };
  await accepts(port);
  return server;

  function launch(): ChildProcess {
    const [file, ...args] = asUser([join(bin, "postgres"), "-D", data, ...flags]);
    return spawn(file as string, args, { stdio: "ignore" });
  }
}

/** PostgreSQL refuses root; in a user namespace of its own root is somebody else. */
function asUser(command: string[]): string[] {
  if (process.getuid?.() !== 0) return command;
  return ["unshare", "--user", "--map-user=1000", "--map-group=1000", ...command];
}

async function run(...command: [string, string[]]): Promise<void> {
  const [program, ...args] = asUser(command.flat());
  await promisify(execFile)(program as string, args);
}

async function accepts(port: number): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const client = new pg.Client({ host: "127.0.0.1", port, user: superuser, password, database: "postgres" });
    try {
      await client.connect();
      return await client.end();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => child.once("exit", () => resolve()));
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}
