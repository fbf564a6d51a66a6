import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { look } from "../../../components/code/look.ts";
import { landing, people } from "../../../components/code/people.ts";
import { webhooks } from "../../../components/code/webhooks.ts";
import { giteaAdministrator } from "../../../components/provider/gitea-administrator.ts";
import { giteaSignOn } from "../../../components/provider/gitea-sign-on.ts";
import type { Context } from "../../../components/provider/provider.ts";
import { unprivileged } from "../../../components/provider/unprivileged.ts";
import { program } from "../../program.ts";
import { sharedServer } from "../build.ts";
import { freePort } from "../postgres-server.ts";
import { administer } from "../template.ts";

export interface Gitea {
  url: string;
  publicUrl: string;
  user: string;
  password: string;
  /** How its own command line is called. */
  cli: { program: string; config: string; workPath: string };
}

export const clientSecret = randomBytes(32).toString("base64url");

/** A real Gitea on a database of the tests' server, with the account and the sign-on that the stack's resources make. */
export async function startGitea(
  port: number,
  platformUrl: string,
  { actions = false, hooksAt = "", ended = onTestFinished as (end: () => Promise<void>) => void } = {},
): Promise<Gitea> {
  const server = await sharedServer();
  const name = `gitea_${randomBytes(5).toString("hex")}`;
  const password = randomBytes(18).toString("hex");
  await administer(server, async (client) => {
    await client.query(`create role ${name} login password '${password}'`);
    await client.query(`create database ${name} owner ${name}`);
  });
  const folder = await mkdtemp(join(tmpdir(), "devflow-gitea-"));
  const folderOfGitea = await program("gitea");
  await mkdir(join(folder, "home"));
  const config = join(folder, "app.ini");
  const publicUrl = `http://code.localhost:${port}`;
  await writeFile(
    config,
    `RUN_MODE = prod
WORK_PATH = ${folder}
[server]
HTTP_ADDR = 127.0.0.1
HTTP_PORT = ${port}
ROOT_URL = ${publicUrl}/
STATIC_ROOT_PATH = ${folderOfGitea}/share
APP_DATA_PATH = ${folder}/data
DISABLE_SSH = true
OFFLINE_MODE = true
${landing}
[database]
DB_TYPE = postgres
HOST = 127.0.0.1:${server.port}
NAME = ${name}
USER = ${name}
PASSWD = ${password}
SSL_MODE = disable
[security]
INSTALL_LOCK = true
INTERNAL_TOKEN = ${randomBytes(32).toString("base64url")}
SECRET_KEY = ${randomBytes(20).toString("hex")}
[oauth2]
JWT_SECRET = ${randomBytes(32).toString("base64url")}
${people}
${hooksAt && webhooks(hooksAt)}
[session]
PROVIDER = db
[log]
MODE = console
LEVEL = Info
[actions]
ENABLED = ${actions}
[indexer]
ISSUE_INDEXER_TYPE = db
[cron.update_checker]
ENABLED = false
`,
  );
  for (const [path, text] of Object.entries(look(platformUrl))) {
    await mkdir(dirname(join(folder, "custom", path)), { recursive: true });
    await writeFile(join(folder, "custom", path), text);
  }
  const binary = join(folderOfGitea, "bin/gitea");
  const { command, ...user } = unprivileged([binary, "web", "--config", config, "--work-path", folder]);
  const [file = "", ...args] = command;
  const env = { PATH: process.env.PATH, HOME: join(folder, "home"), GITEA_WORK_DIR: folder, GOMEMLIMIT: "256MiB" };
  const child = spawn(file, args, { stdio: process.env.SHOW_LOG ? "inherit" : "ignore", env, cwd: folder, ...user });
  ended(async () => {
    child.kill("SIGTERM");
    if (child.exitCode === null) await new Promise((resolve) => child.once("exit", resolve));
    await rm(folder, { recursive: true, force: true });
    await administer(server, async (client) => {
      await client.query(`drop database ${name} with (force)`);
      await client.query(`drop role ${name}`);
    });
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/api/healthz`);

  const account = { username: "devflow", password: randomBytes(12).toString("hex") };
  const context = { signal: AbortSignal.timeout(60_000), report() {} } as unknown as Context;
  await giteaAdministrator.create(
    { url, program: binary, config, workPath: folder, email: "devflow@noreply.localhost", ...account },
    context,
  );
  const database = { host: "127.0.0.1", port: server.port, user: name, database: name, password };
  const signOn = {
    database,
    name: "devflow",
    discoveryUrl: `${platformUrl}/api/auth/.well-known/openid-configuration`,
    clientId: "code",
    clientSecret,
    administrators: "devflow:administrators",
  };
  // Twice, as after a crash between its effect and its record.
  await giteaSignOn.create(signOn, context);
  await giteaSignOn.create(signOn, context);
  const cli = { program: binary, config, workPath: folder };
  return { url, publicUrl, user: account.username, password: account.password, cli };
}

async function answers(url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const ok = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (ok) return;
    if (Date.now() > deadline) throw new Error(`${url} does not answer`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

export { freePort };
