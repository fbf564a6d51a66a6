import { execFileSync, spawn } from "node:child_process";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { request } from "undici";
import { upstream } from "../../../components/catalogue/index.ts";
import { program } from "../../program.ts";
import type { TestEngine } from "./test-engine.ts";

/** A root file system made of this machine's own programs. */
export interface Rootfs {
  folder: string;
  /** Copies a file or folder of this machine to a path in it. */
  add(from: string, to: string): void;
  /** Copies a program and the libraries it loads. */
  addProgram(path: string, to?: string): void;
  /** Copies the libraries that a program loads, where they are. */
  addLibrariesOf(path: string): void;
  write(path: string, content: string, mode?: number): void;
  link(path: string, target: string): void;
}

const applets = [
  ...["sh", "wget", "cat", "ls", "id", "sleep", "env", "mkdir", "chmod", "chown", "tail", "dirname", "find", "kill"],
  ...["cp", "rm", "tar", "hostname", "httpd"],
];

/** Makes an image of what `fill` puts into an otherwise nearly empty file system: busybox, users, a place for files. */
export async function makeImage(
  engine: TestEngine,
  name: string,
  fill: (rootfs: Rootfs) => void,
  changes: string[] = [],
): Promise<void> {
  // On an engine that is kept between runs, so that builds on it find their layers again.
  if (await engine.find(`/images/${name}/json`)) return;
  const folder = mkdtempSync(join(tmpdir(), "devflow-rootfs-"));
  try {
    const rootfs = rootfsIn(folder);
    // With its libraries, where the machine's own is not a static one.
    rootfs.addProgram(execFileSync("which", ["busybox"], { encoding: "utf8" }).trim(), "/bin/busybox");
    for (const applet of applets) rootfs.link(`/bin/${applet}`, "busybox");
    rootfs.write(
      "/etc/passwd",
      "root:x:0:0::/:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\ngit:x:1000:1000::/var/lib/gitea:/bin/sh\nnonroot:x:65532:65532::/data:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n",
    );
    rootfs.write("/etc/group", "root:x:0:\npostgres:x:999:\ngit:x:1000:\nnonroot:x:65532:\nnogroup:x:65534:\n");
    mkdirSync(join(folder, "tmp"));
    // Not by mkdir, from whose mode the umask is taken.
    chmodSync(join(folder, "tmp"), 0o1777);
    fill(rootfs);
    await load(engine, name, folder, changes);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function rootfsIn(folder: string): Rootfs {
  const at = (path: string) => {
    const full = join(folder, path);
    mkdirSync(dirname(full), { recursive: true });
    return full;
  };
  const rootfs: Rootfs = {
    folder,
    add: (from, to) => cpSync(from, at(to), { recursive: true, verbatimSymlinks: true }),
    addProgram(path, to = path) {
      const real = realpathSync(path);
      cpSync(real, at(to));
      rootfs.addLibrariesOf(real);
    },
    addLibrariesOf(path) {
      for (const library of libraries(path)) {
        if (!existsSync(at(library))) cpSync(realpathSync(library), at(library));
      }
    },
    write(path, content, mode = 0o644) {
      writeFileSync(at(path), content);
      chmodSync(at(path), mode);
    },
    link: (path, target) => symlinkSync(target, at(path)),
  };
  return rootfs;
}

/** What the dynamic linker loads, by absolute path; none for a static program. */
function libraries(path: string): string[] {
  try {
    const printed = execFileSync("ldd", [path], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...printed.matchAll(/(?:=> )?(\/\S+) \(0x/g)].map(([, library = ""]) => library);
  } catch {
    return [];
  }
}

async function load(engine: TestEngine, name: string, folder: string, changes: string[]): Promise<void> {
  const [repository, tag] = [name.slice(0, name.lastIndexOf(":")), name.slice(name.lastIndexOf(":") + 1)];
  const query = new URLSearchParams([
    ["fromSrc", "-"],
    ["repo", repository],
    ["tag", tag],
    ...changes.map((change) => ["changes", change] as [string, string]),
  ]);
  const tar = spawn("tar", ["-C", folder, "--owner=0", "--group=0", "--numeric-owner", "-c", "."], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { Agent } = await import("undici");
  const { socketPath } = engine.address;
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: socketPath ? { socketPath } : {} });
  const { statusCode, body } = await request(`${engine.address.origin}/images/create?${query}`, {
    dispatcher,
    method: "POST",
    body: tar.stdout,
  });
  const text = await body.text();
  await dispatcher.close();
  if (statusCode !== 200 || text.includes('"error"')) throw new Error(`image ${name} was refused: ${text}`);
}

/** Stand-ins for the upstreams' images, under their names, with the programs at the paths the catalogue says. */
export async function makeUpstreamImages(engine: TestEngine): Promise<void> {
  const [caddy, seaweedfs, prometheus, gitea, postgres] = await Promise.all(
    ["caddy", "seaweedfs", "prometheus", "gitea", "postgres"].map(program),
  );
  const name = (upstreamName: string) => {
    const { image } = upstream(upstreamName);
    if ("none" in image) throw new Error(`${upstreamName} has no image`);
    return `${image.registries[0]}:${image.tag}`;
  };
  await makeImage(engine, name("caddy"), ({ add }) => add(`${caddy}/bin/caddy`, "/usr/bin/caddy"));
  await makeImage(engine, name("seaweedfs"), ({ add }) => add(`${seaweedfs}/bin/weed`, "/usr/bin/weed"));
  await makeImage(engine, name("prometheus"), ({ add }) => add(`${prometheus}/bin/prometheus`, "/bin/prometheus"));
  await makeImage(engine, name("gitea"), (rootfs) => {
    rootfs.add(`${gitea}/bin/gitea`, "/app/gitea/gitea");
    if (existsSync(`${gitea}/share`)) rootfs.add(`${gitea}/share`, "/app/gitea");
    rootfs.addProgram("/usr/bin/git");
    rootfs.add("/usr/lib/git-core", "/usr/lib/git-core");
    rootfs.add("/usr/share/git-core", "/usr/share/git-core");
  });
  // No registry of packages has the runner. What stands in its place runs no job; it is there for where jobs would run.
  // Nor does it measure anything: that it answers is all there is of its metrics.
  await makeImage(engine, name("gitea-runner"), ({ addProgram, write }) => {
    addProgram("/usr/bin/setpriv");
    write("/bin/su", becoming, 0o755);
    write("/usr/local/bin/gitea-runner", runner, 0o755);
    write("/srv/metrics", "");
  });
  await makeImage(engine, name("postgres"), (rootfs) => {
    rootfs.add(`${postgres}`, "/opt/postgres");
    rootfs.link("/usr/lib/postgresql/18", "/opt/postgres/server/18");
    for (const each of ["postgres", "initdb", "psql", "pg_isready"]) {
      rootfs.addLibrariesOf(`${postgres}/server/18/bin/${each}`);
    }
    rootfs.add("/usr/lib/locale", "/usr/lib/locale");
    rootfs.add("/usr/share/zoneinfo/UTC", "/usr/share/zoneinfo/UTC");
    rootfs.write("/usr/local/bin/docker-entrypoint.sh", entrypoint, 0o755);
  });
}

/** Does what the official image's entrypoint does of what DevFlow relies on. */
const entrypoint = `#!/bin/sh
set -eu
export PATH=/usr/lib/postgresql/18/bin:$PATH
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  mkdir -p "$PGDATA"
  chmod 700 "$PGDATA"
  initdb -D "$PGDATA" --username="$POSTGRES_USER" --pwfile="$POSTGRES_PASSWORD_FILE" $POSTGRES_INITDB_ARGS
fi
exec "$@"
`;

const runner = `#!/bin/sh
case $1 in
  register) exit 0 ;;
  daemon) exec httpd -f -p 9101 -h /srv ;;
esac
`;

/** As the runner's start calls it: `su -s /bin/sh nobody -c COMMAND`. */
const becoming = `#!/bin/sh
exec /usr/bin/setpriv --reuid 65534 --regid 65534 --clear-groups "$2" "$4" "$5"
`;
