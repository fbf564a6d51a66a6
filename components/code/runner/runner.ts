import { readFileSync } from "node:fs";
import {
  type ComponentResource,
  type ComponentResourceOptions,
  type Input,
  interpolate,
  type Output,
} from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../catalogue/index.ts";
import { child, Product } from "../../component.ts";
import type { Door } from "../../primitives/calls.ts";
import { Workload } from "../../primitives/workload/index.ts";
import type { Reach } from "../../provider/reach/index.ts";
import { GiteaRunnerToken } from "../../provider/wiring.ts";

const turns = readFileSync(new URL("./turns.sh", import.meta.url), "utf8");

/**
 * Runs the workflows of Code's repositories. By default in its own container, as an ordinary user and without Docker: a
 * job sees its own files and network and nothing of the machine's. Jobs that need containers want a runner on a machine
 * of their own, since a privileged one here could take over this one.
 */
export interface RunnerArgs {
  /** Gitea as workloads reach it, and the platform's account in it. */
  code: {
    address: Output<string>;
    door: Door;
    reach: Input<Reach>;
    account: { username: string; password: Output<string> };
  };
  /** Jobs at the same time. */
  capacity: number;
}

export interface RunnerOutputs {
  process: Output<string>;
}

export class Runner extends Product<RunnerArgs, RunnerOutputs> {
  constructor(name: string, args: RunnerArgs, options?: ComponentResourceOptions) {
    super("Runner", compose, name, args, options);
  }
}

function compose(name: string, { code, capacity }: RunnerArgs, parent: ComponentResource): RunnerOutputs {
  const { ports, memory } = upstream("gitea-runner");
  const url = interpolate`http://${code.address}`;
  const server = {
    api: { url, reach: code.reach, component: "code" },
    user: code.account.username,
    password: code.account.password,
  };
  const { token } = child(GiteaRunnerToken, name, { server }, parent);
  const runner = new Workload(
    name,
    {
      program: { upstream: "gitea-runner" },
      data: true,
      rank: "runner",
      losable: "it registers anew, and fills its cache again",
      files: (at) => ({
        "config.yaml": at.data().apply((data) => stringify(configuration(data, at.listen, capacity))),
        token: interpolate`${token}`,
        "turns.sh": turns,
      }),
      command: (at) => ["/bin/sh", at.config("turns.sh"), at.config(), at.data(), at.program("bin/runner"), url],
      // It becomes its image's user for the jobs, which cannot read its token then.
      leads: true,
      ports: { metrics: ports.metrics as number },
      health: { tcp: "metrics" },
      // Jobs that run are let end.
      stop: { signal: "SIGTERM", deadline: 300_000 },
      memory: memory.expected,
      limits: { memory: 2048 * capacity, cpu: 2000 * capacity },
      // Jobs fetch actions and what they build from.
      outbound: "internet",
      calls: [code.door],
      confined: true,
    },
    { parent },
  );
  return { process: runner.outputs.name };
}

function configuration(data: string, listen: string, capacity: number): object {
  return {
    log: { level: "info" },
    runner: {
      file: `${data}/.runner`,
      capacity,
      timeout: "3h",
      shutdown_timeout: "5m",
      labels: ["ubuntu-latest:host", "linux:host"],
    },
    // What one job left there another one could read, or be given.
    cache: { enabled: false },
    host: { workdir_parent: `${data}/work` },
    metrics: { enabled: true, addr: `${listen}:${upstream("gitea-runner").ports.metrics}` },
  };
}
