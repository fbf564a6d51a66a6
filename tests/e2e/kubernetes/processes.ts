import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream, readFileSync } from "node:fs";
import { request } from "node:https";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

/** Programs that belong to a test and end with it, the last started first. */
export class Programs {
  readonly #running: { name: string; child: ChildProcess }[] = [];
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  start(name: string, program: string, args: string[]): void {
    const log = createWriteStream(this.#log(name));
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"], cwd: this.#folder });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once("close", () => log.end());
    this.#running.push({ name, child });
  }

  /** @throws with a program's last lines when one has ended, or when nothing answers within a minute and a half */
  async answers(url: string, token: string): Promise<void> {
    for (let tries = 0; tries < 450; tries++) {
      const dead = this.#running.find(({ child }) => child.exitCode !== null);
      if (dead) throw new Error(`${dead.name} ended with ${dead.child.exitCode}:\n${this.#last(dead.name)}`);
      if (await ok(url, token)) return;
      await sleep(200);
    }
    throw new Error(`${url} does not answer:\n${this.#last(this.#running.at(-1)?.name ?? "")}`);
  }

  async stop(): Promise<void> {
    for (const { child } of this.#running.toReversed()) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const closed = new Promise((resolve) => child.once("close", resolve));
      child.kill("SIGTERM");
      const patience = setTimeout(() => child.kill("SIGKILL"), 10_000);
      await closed;
      clearTimeout(patience);
    }
  }

  #log(name: string): string {
    return join(this.#folder, `${name}.log`);
  }

  #last(name: string): string {
    return readFileSync(this.#log(name), "utf8").split("\n").slice(-15).join("\n");
  }
}

function ok(url: string, token: string): Promise<boolean> {
  return new Promise((resolve) => {
    const headers = { authorization: `Bearer ${token}` };
    const call = request(url, { rejectUnauthorized: false, headers, timeout: 2000 }, (answer) => {
      answer.resume();
      resolve(answer.statusCode === 200);
    });
    call.on("error", () => resolve(false));
    call.on("timeout", () => call.destroy());
    call.end();
  });
}

export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, () => {
      const server = createServer();
      return new Promise<typeof server>((resolve) => server.listen(0, "127.0.0.1", () => resolve(server)));
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}
