import { spawn, spawnSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const turns = fileURLToPath(new URL("../../../components/code/runner/turns.sh", import.meta.url));

/** In the place of Gitea's runner: it writes down what it is asked, what it finds, and leaves all that a job could. */
const standIn = `#!/bin/sh
case $1 in
  register)
    echo "register $*" >> /opt/notes/log
    echo registered > /opt/data/.runner
    ;;
  daemon)
    n=$(($(cat /opt/notes/turn) + 1)); echo $n > /opt/notes/turn
    {
      echo "turn $n"
      echo "work:$(ls /opt/data/work /tmp /dev/shm | tr -s '\\n' ' ')"
      echo "kept:$(ls -A /opt/data | sort | tr '\\n' ' ')"
      echo "uid $(id -u)"
      echo "token $(cat /opt/config/token 2> /dev/null || echo unreadable)"
      echo "registration $(cat /opt/data/.runner)"
      echo "others $(cat /proc/[0-9]*/cmdline 2> /dev/null | tr '\\0' ' ' | grep -c 'sleep 10[0]0')"
    } >> /opt/notes/log
    mkdir /opt/data/work/left && echo x > /opt/data/work/left/secret && chmod 0 /opt/data/work/left
    echo x > /tmp/left; echo x > /dev/shm/left; echo x > /opt/data/cached
    sleep 1000 < /dev/null > /dev/null 2>&1 &
    setsid sleep 1000 < /dev/null > /dev/null 2>&1 &
    # The third job goes on until it is told to end.
    [ $n -lt 3 ] || { trap 'echo ended >> /opt/notes/log; exit 0' TERM; echo waiting >> /opt/notes/log; sleep 1000 & wait $!; }
    ;;
esac
`;

interface Ran {
  log: string[];
  code: number | null;
}

/** Runs three turns in a sandbox in which it is the first process, as it is in a container, and then ends it. */
async function ran(identity: string[]): Promise<Ran> {
  const folder = mkdtempSync(join(tmpdir(), "devflow-runner-"));
  const at = (name: string) => join(folder, name);
  for (const name of ["data", "notes", "config", "bin"]) mkdirSync(at(name));
  // Whoever it becomes writes here.
  for (const name of ["data", "notes"]) chmodSync(at(name), 0o777);
  writeFileSync(at("config/token"), "the-token\n", { mode: 0o400 });
  writeFileSync(at("config/config.yaml"), "runner: {}\n", { mode: 0o400 });
  writeFileSync(at("notes/turn"), "0\n");
  writeFileSync(at("notes/log"), "");
  for (const name of ["turn", "log"]) chmodSync(at(`notes/${name}`), 0o666);
  writeFileSync(at("bin/runner"), standIn, { mode: 0o755 });
  writeFileSync(at("bin/turns.sh"), readFileSync(turns));
  chmodSync(at("bin"), 0o755);
  try {
    const child = spawn(
      "bwrap",
      [
        ...["--unshare-pid", "--as-pid-1", "--unshare-ipc", "--die-with-parent", ...identity],
        ...["--ro-bind", "/", "/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"],
        ...["--tmpfs", "/opt", "--bind", at("data"), "/opt/data", "--bind", at("notes"), "/opt/notes"],
        ...["--ro-bind", at("config"), "/opt/config", "--ro-bind", at("bin"), "/opt/bin"],
        ...["--setenv", "PATH", `/opt/bin:${process.env.PATH}`],
        ...["--", "/bin/sh", "/opt/bin/turns.sh", "/opt/config", "/opt/data", "/opt/bin/runner", "http://code:4403"],
      ],
      { stdio: ["ignore", "ignore", "inherit"] },
    );
    const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
    while (!readFileSync(at("notes/log"), "utf8").includes("waiting")) {
      if (child.exitCode !== null) throw new Error(`it ended by itself:\n${readFileSync(at("notes/log"), "utf8")}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    process.kill(firstBelow(child.pid as number), "SIGTERM");
    const code = await ended;
    return { log: readFileSync(at("notes/log"), "utf8").trim().split("\n"), code };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The sandbox's first process, as it is seen from here. */
function firstBelow(pid: number): number {
  return Number(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ")[0]);
}

const sandbox = spawnSync("bwrap", ["--unshare-pid", "--as-pid-1", "--ro-bind", "/", "/", "true"]).status === 0;
const root = process.getuid?.() === 0;

function turnsOf({ log }: Ran): Record<string, string>[] {
  const starts = log.flatMap((line, index) => (line.startsWith("turn ") ? [index] : []));
  return starts.map((start) =>
    Object.fromEntries(
      log.slice(start, start + 7).map((line) => {
        const [key = ""] = /^\w+/.exec(line) ?? [];
        return [key, line.slice(key.length + 1).trim()];
      }),
    ),
  );
}

describe.skipIf(!sandbox)("the runner of jobs", () => {
  it("registers for each job anew and leaves nothing of one to the next: files, processes, memory", async () => {
    const made = await ran(["--unshare-user", "--uid", "1000", "--gid", "1000"]);
    const registrations = made.log.filter((line) => line.startsWith("register"));
    expect(registrations).toHaveLength(3);
    for (const line of registrations) expect(line).toContain("--ephemeral");
    for (const turn of turnsOf(made)) {
      expect(turn).toMatchObject({ kept: ".devflow .runner config.yaml tmp work", others: "0" });
      expect(turn.work).toBe("/dev/shm: /opt/data/work: /tmp:");
    }
    expect(made.log.at(-1)).toBe("ended");
    expect(made.code).toBe(0);
  });

  it.skipIf(!root)("keeps the token from jobs, which are another user, where it starts as root", async () => {
    const made = await ran([]);
    expect(turnsOf(made)).toHaveLength(3);
    for (const turn of turnsOf(made)) {
      expect(turn).toMatchObject({ uid: "65534", token: "unreadable", registration: "registered", others: "0" });
      expect(turn.kept).toBe(".devflow .runner config.yaml tmp work");
    }
    expect(made.log.at(-1)).toBe("ended");
  });
});
