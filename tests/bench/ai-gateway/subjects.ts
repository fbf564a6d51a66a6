import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePort } from "../../glue-services/postgres-server.ts";

/** Something that answers chats, in a process of its own. */
export interface Subject {
  name: string;
  url: string;
  headers: Record<string, string>;
  model: string;
  process: ChildProcess;
}

type Started = { process: ChildProcess; words: string[] };

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url));
const root = here("../../..");

/** Runs a script of this folder until it says `ready …`; answers what it says. */
export async function startScript(script: string, env: Record<string, string>): Promise<Started> {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", here(script)], {
    env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", () => reject(new Error(`${script} ended`)));
    // Log lines go nowhere, as quickly as a pipe takes them; the one that is waited for is no JSON.
    child.stdout.on("data", (text: Buffer) => {
      const line = text
        .toString()
        .split("\n")
        .find((one) => one.startsWith("ready "));
      if (line) resolve({ process: child, words: line.split(" ").slice(1) });
    });
  });
}

export async function portkey(mock: string): Promise<Subject> {
  const port = await freePort();
  const script = join(root, "node_modules/@portkey-ai/gateway/build/start-server.js");
  // Its streams fail on Node 24, whose responses have headers that cannot be changed.
  const child = spawn(process.env.PORTKEY_NODE ?? process.execPath, [script, `--port=${port}`, "--headless"], {
    env: { PATH: process.env.PATH ?? "", NODE_ENV: "production", TRUSTED_CUSTOM_HOSTS: "127.0.0.1,localhost" },
    stdio: "ignore",
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/`, child);
  const headers = {
    authorization: "Bearer provider",
    "x-portkey-provider": "openai",
    "x-portkey-custom-host": `${mock}/v1`,
  };
  return { name: "Portkey 1.15.2", url, headers, model: "small", process: child };
}

/** @param program the program `litellm` of a virtual environment with `litellm[proxy]` */
export async function litellm(mock: string, program: string): Promise<Subject> {
  const port = await freePort();
  const folder = await mkdtemp(join(tmpdir(), "devflow-litellm-"));
  const config = join(folder, "config.yaml");
  const model = {
    model_name: "small",
    litellm_params: { model: "openai/small", api_base: `${mock}/v1`, api_key: "provider" },
  };
  await writeFile(
    config,
    JSON.stringify({ model_list: [model], general_settings: { master_key: "sk-bench-0123456789" } }),
  );
  const args = [
    "--config",
    config,
    "--port",
    String(port),
    "--host",
    "127.0.0.1",
    "--num_workers",
    "1",
    "--telemetry",
    "False",
  ];
  const child = spawn(program, args, {
    env: { PATH: process.env.PATH ?? "", HOME: folder, LITELLM_LOCAL_MODEL_COST_MAP: "True", LITELLM_LOG: "ERROR" },
    stdio: ["ignore", "ignore", "ignore"],
  });
  const url = `http://127.0.0.1:${port}`;
  await answers(`${url}/health/liveliness`, child);
  return {
    name: "LiteLLM proxy",
    url,
    headers: { authorization: "Bearer sk-bench-0123456789" },
    model: "small",
    process: child,
  };
}

async function answers(url: string, child: ChildProcess): Promise<void> {
  for (let tries = 0; tries < 600; tries++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended`);
    const ok = await fetch(url).then(
      ({ status }) => status < 500,
      () => false,
    );
    if (ok) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`${url} does not answer`);
}
