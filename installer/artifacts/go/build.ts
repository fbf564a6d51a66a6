import { createHash } from "node:crypto";
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import type { GoSource, Upstream } from "../../../components/catalogue/index.ts";
import type { Reporting } from "../../../components/provider/host.ts";
import { explainFileError, requireSpace } from "../disk.ts";
import { buildPath } from "../layout.ts";
import { meter } from "../progress.ts";
import type { Run } from "../run.ts";
import { Skipped } from "../skipped.ts";
import { openFolder } from "../tree.ts";
import { type GoCommand, GoFailed, goCommand } from "./command.ts";
import { goProxies, withoutSecrets } from "./proxy.ts";
import { ensureGo, type Toolchain } from "./toolchain.ts";

/**
 * Builds a Go module into `draft`: programs in bin/, and the module's files that they read at run time. The committed
 * go.mod and go.sum name every module and its hash, so nothing is resolved here and no checksum database is asked.
 * Modules and compiled packages lie below the cache, so an interrupted build goes on and the home folder stays clean.
 * Returns what it was built with. @throws Skipped, DevflowError DISK_FULL
 */
export async function buildGo(
  source: GoSource,
  upstream: Upstream,
  id: string,
  draft: string,
  run: Run,
  reporting: Reporting,
): Promise<string> {
  await requireSpace(run.cache, source.disk * 2 ** 20, `building ${upstream.title}`);
  const go = await ensureGo(source.wrapper, run, reporting);
  const { module, version } = moduleOf(source.purl);
  const proxy = await goProxies(module, version, go.proxy, run, reporting.signal);
  const work = buildPath(run.cache, id);
  const sums = await prepare(work, join(run.catalogue, source.wrapper), source.own);
  const common = {
    program: go.program,
    cwd: work,
    env: environment(work, go, proxy, source),
    signal: reporting.signal,
  };
  const build: Build = { source, draft, reporting, go: (command) => goCommand({ ...common, ...command }) };
  try {
    await resolveModules(build);
    await compile(build);
    await takeFiles(build, module);
  } catch (error) {
    if (!(error instanceof GoFailed)) throw error;
    if (/no space left on device|disk quota exceeded/i.test(error.message)) {
      const full = Object.assign(new Error(error.message), { code: "ENOSPC" });
      throw await explainFileError(full, run.cache, source.disk * 2 ** 20, `building ${upstream.title}`);
    }
    throw new Skipped(withoutSecrets(error.message, proxy), { cause: error });
  }
  if (!run.settings.keepBuild) await rm(work, { recursive: true, force: true });
  return `${go.version}, ${module}@${version}, go.sum sha256:${sums}`;
}

/** One build; `go` runs the toolchain in its folder. */
interface Build {
  source: GoSource;
  draft: string;
  reporting: Reporting;
  go(command: Pick<GoCommand, "args" | "silence" | "line">): Promise<string>;
}

/** Puts go.mod, go.sum and what is our own in the build folder; returns the hash of go.sum. */
async function prepare(work: string, wrapper: string, own: string[] = []): Promise<string> {
  await openFolder(work);
  for (const file of ["go.mod", "go.sum", ...own]) {
    await writeFile(join(work, file), await readFile(join(wrapper, file)));
  }
  return createHash("sha256")
    .update(await readFile(join(work, "go.sum")))
    .digest("hex");
}

/** What Go sees: the person's proxies, certificates and netrc, and otherwise only what makes the build the same everywhere. */
function environment(work: string, go: Toolchain, proxy: string, source: GoSource): NodeJS.ProcessEnv {
  const passed = [
    "PATH",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "TMPDIR",
  ];
  return {
    ...Object.fromEntries(
      passed.flatMap((name) => (process.env[name] === undefined ? [] : [[name, process.env[name]]])),
    ),
    PATH: `${dirname(go.program)}:${process.env.PATH ?? "/usr/bin:/bin"}`,
    // Go keeps telemetry and settings in the home folder; the person's own is none of our business.
    HOME: join(work, "home"),
    NETRC: process.env.NETRC ?? join(process.env.HOME ?? homedir(), ".netrc"),
    GOENV: "off",
    GOTOOLCHAIN: "local",
    GOWORK: "off",
    GOPATH: join(work, "modules"),
    GOMODCACHE: join(work, "modules", "pkg", "mod"),
    GOCACHE: join(work, "compiled"),
    GOPROXY: proxy,
    // go.sum is complete and -mod=readonly refuses what is not in it.
    GOSUMDB: "off",
    GOFLAGS: [
      "-mod=readonly",
      "-modcacherw",
      "-trimpath",
      "-buildvcs=false",
      ...(source.tags ? [`-tags=${source.tags.join(",")}`] : []),
    ].join(" "),
    CGO_ENABLED: "0",
  };
}

/** Downloads the modules that the programs need, and no others. */
async function resolveModules({ source, reporting, go }: Build): Promise<void> {
  const progress = meter(reporting, "resolving modules", { unit: "steps" });
  await go({
    args: ["list", "-deps", ...Object.values(source.programs)],
    silence: 120_000,
    line: (line) => {
      const module = /^go: downloading (.*)/.exec(line)?.[1];
      if (module) progress.add(1, module);
    },
  });
  progress.end();
}

/** Compiles what is not in the compiled folder yet: Go tells beforehand which packages that are. */
async function compile({ source, draft, reporting, go }: Build): Promise<void> {
  const flags = [`-ldflags=${(source.ldflags ?? []).join(" ")}`];
  await openFolder(join(draft, "bin"));
  for (const [name, target] of Object.entries(source.programs)) {
    const stale = await go({ args: ["list", ...flags, "-deps", "-f", "{{if .Stale}}x{{end}}", target] });
    const total = stale.split("\n").filter((line) => line === "x").length;
    const progress = meter(reporting, "compiling", { unit: "steps", total });
    let compiled = 0;
    await go({
      args: ["build", "-v", ...flags, "-o", join(draft, "bin", name), target],
      line: (line) => {
        if (line.includes(" ")) return;
        progress.add(1, line);
        if (++compiled >= total) reporting.report({ phase: "linking", note: name });
      },
    });
  }
}

async function takeFiles({ source, draft, go }: Build, module: string): Promise<void> {
  if (!source.take?.length) return;
  const folder = (await go({ args: ["list", "-m", "-f", "{{.Dir}}", module] })).trim();
  for (const { from, to } of source.take) {
    await openFolder(dirname(join(draft, to)));
    await cp(join(folder, from), join(draft, to), { recursive: true });
  }
}

/** `pkg:golang/example.org/a/b@v1.2.3` to module path and version. */
function moduleOf(purl: string): { module: string; version: string } {
  const [module = "", version = ""] = purl.slice("pkg:golang/".length).split("@");
  return { module: decodeURIComponent(module), version: decodeURIComponent(version) };
}
