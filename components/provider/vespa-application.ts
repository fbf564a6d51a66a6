import { createHash } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { Header } from "tar";
import { Type } from "typebox";
import { DevflowError } from "../error.ts";
import { Api, ask } from "./api.ts";
import type { Context, ResourceProvider } from "./provider.ts";

const Inputs = Type.Object({
  config: Api,
  query: Api,
  /** The application package: path in it to its text. */
  files: Type.Record(Type.String({ pattern: "^(?!/)(?!.*(^|/)\\.\\.(/|$))[A-Za-z0-9_./-]+$" }), Type.String()),
});
type Inputs = Type.Static<typeof Inputs>;

interface Outputs {
  /** Address for queries. */
  url: string;
  /** Of the package that was deployed. */
  hash: string;
}

/** Milliseconds from the deployment to the first answer: content nodes start, indexes are made. */
const patience = 300_000;

/** An application package, deployed to the config server and found to answer. The same package is not deployed twice. */
export const vespaApplication: ResourceProvider<Inputs, Outputs> = {
  inputs: Inputs,
  identify: () => "default",
  async create(inputs, context) {
    return { id: "default", outputs: await deploy(inputs, context) };
  },
  update: (_id, inputs, _old, context) => deploy(inputs, context),
  async read(_id, { config }, outputs) {
    const found = await ask(config, `${tenant}/application/default`, "look for the application", {
      expected: [404],
    }).catch((error: unknown) => {
      if (error instanceof DevflowError) return undefined;
      throw error;
    });
    return found?.status === 404 ? undefined : outputs;
  },
  /** With the node goes all that it holds; taking the application off it would delete documents that are meant to stay. */
  async delete() {},
};

const tenant = "/application/v2/tenant/default";

async function deploy({ config, query, files }: Inputs, context: Context): Promise<Outputs> {
  context.report({ phase: "deploying the application package" });
  const answer = await ask(config, `${tenant}/prepareandactivate`, "deploy the application package", {
    method: "POST",
    body: pack(files),
    headers: { "content-type": "application/x-gzip" },
    timeout: 180_000,
    signal: context.signal,
  });
  const log = (answer.body as { log?: { level: string; message: string }[] }).log ?? [];
  const warning = log.find(({ level }) => level === "WARNING");
  context.report({ phase: "waiting for the application to answer", ...(warning && { note: warning.message }) });
  await answering({ query, signal: context.signal });
  const hash = createHash("sha256")
    .update(JSON.stringify(Object.entries(files).sort()))
    .digest("hex");
  return { url: query.url, hash };
}

async function answering({ query, signal }: { query: Api; signal: AbortSignal }): Promise<void> {
  for (const end = Date.now() + patience; ; ) {
    try {
      const { ok } = await ask(query, "/state/v1/health", "ask the application", {
        timeout: 5000,
        signal,
        expected: [503],
      });
      if (ok) return;
    } catch (error) {
      if (signal.aborted || Date.now() > end) throw error;
    }
    if (Date.now() > end) {
      throw new DevflowError("COMPONENT_FAILED", `Vespa does not answer ${patience / 1000} s after the deployment.`, {
        hint: `See \`./devflow logs ${query.component}\`.`,
      });
    }
    await wait(1000, undefined, { signal });
  }
}

/** A tar.gz of the files, with the same bytes for the same files. */
function pack(files: Record<string, string>): Uint8Array {
  const blocks = Object.entries(files)
    .sort(([one], [other]) => (one < other ? -1 : 1))
    .flatMap(([path, text]) => entry(path, Buffer.from(text)));
  return gzipSync(Buffer.concat([...blocks, Buffer.alloc(1024)]));
}

function entry(path: string, content: Buffer): Buffer[] {
  const block = Buffer.alloc(512);
  const header = new Header({ path, mode: 0o644, size: content.length, type: "File", mtime: new Date(0) });
  header.encode(block, 0);
  return [block, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
}
