/**
 * Builds the web app once for each state of its sources:
 *
 *     node glue-services/dashboard/build.ts --out DIR
 *
 * makes `DIR/<hash>/` and prints that path as its last line. A second call finds it there and does nothing. Progress goes
 * to standard error, a line a step.
 */
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs, promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import { sourceHash, webFolder } from "./source-hash.ts";

/** @returns the folder with `index.html` and `assets/`, which is complete or does not exist */
export async function buildDashboard(out: string, say: (line: string) => void = () => {}): Promise<string> {
  const done = join(resolve(out), await sourceHash());
  if (existsSync(join(done, "index.html"))) {
    say("The dashboard is built already.");
    return done;
  }
  const begun = performance.now();
  const work = join(resolve(out), `.building-${process.pid}`);
  await mkdir(work, { recursive: true });
  const { NODE_ENV } = process.env;
  // Vite and React read it: in a shell, or a test, that sets another one the app would be React's slow and large build.
  process.env.NODE_ENV = "production";
  try {
    say("Compiling the dashboard …");
    const { build } = await import("vite");
    await build({
      configFile: join(webFolder, "vite.config.ts"),
      root: webFolder,
      logLevel: "error",
      build: { outDir: work, emptyOutDir: true },
    });
    say("Compressing …");
    const files = await compressAll(work);
    // Whoever was first wins; the result is the same.
    await rename(work, done).catch((error) => {
      if (!existsSync(join(done, "index.html"))) throw error;
    });
    say(`Built ${files} files in ${((performance.now() - begun) / 1000).toFixed(1)} s.`);
    return done;
  } finally {
    if (NODE_ENV === undefined) delete process.env.NODE_ENV;
    else process.env.NODE_ENV = NODE_ENV;
    await rm(work, { recursive: true, force: true });
  }
}

const compressible = /\.(js|css|svg|html|json)$/;
const brotli = promisify(brotliCompress);
const gunzippable = promisify(gzip);

/** Writes `.br` and `.gz` beside each file that is worth it, so that the host never compresses. */
async function compressAll(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  await Promise.all(
    files
      .filter((file) => compressible.test(file) && !file.endsWith("index.html"))
      .map(async (file) => {
        const content = await readFile(file);
        if (content.length < 1024) return;
        const [br, gz] = await Promise.all([
          brotli(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } }),
          gunzippable(content, { level: 9 }),
        ]);
        await Promise.all([writeFile(`${file}.br`, br), writeFile(`${file}.gz`, gz)]);
      }),
  );
  return files.length;
}

if (import.meta.main) {
  const { values } = parseArgs({ options: { out: { type: "string" } } });
  if (!values.out) {
    process.stderr.write("usage: node glue-services/dashboard/build.ts --out DIR\n");
    process.exitCode = 2;
  } else {
    const folder = await buildDashboard(values.out, (line) => process.stderr.write(`${line}\n`));
    process.stdout.write(`${folder}\n`);
  }
}
