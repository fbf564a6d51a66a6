import { type ComponentResource, interpolate, output } from "@pulumi/pulumi";
import { stringify } from "yaml";
import { upstream } from "../../../catalogue/index.ts";
import { child } from "../../../component.ts";
import { labelled, labelsOf } from "../../../primitives/container.ts";
import { Workload } from "../../../primitives/workload/index.ts";
import { EngineLogs } from "../../../provider/wiring.ts";
import { sdk } from "../../../sdk.ts";
import { surroundings } from "../../../surroundings.ts";
import { readerConfiguration, variable } from "./configuration.ts";
import type { LogReaderArgs } from "./index.ts";
import { dockerLines } from "./sources.ts";

/** Where the engine's folder is in the container, and the notes on how far it was read. */
const [folder, notes] = ["/var/log/containers", "/var/lib/log-reader"];

/**
 * One container that sees the engine's folder of containers, read only. The files are root's, so its user is root's
 * number, without any capability; nobody can call it but for its health.
 */
export function docker(name: string, args: LogReaderArgs, parent: ComponentResource): object {
  const { prefix, host, provider } = surroundings("docker");
  const { ports, memory } = upstream("otel-collector");
  const engine = child(EngineLogs, name, host === undefined ? {} : { host }, parent);
  const { Volume } = sdk.docker();
  const volume = {
    name: `${prefix}-${name}-data`,
    labels: labelled({ ...labelsOf(prefix, "observability"), "dev.devflow.losable": "notes on how far it has read" }),
  };
  const kept = child(Volume, name, volume, parent, undefined, {
    ...(provider && { provider }),
    retainOnDelete: true,
  });
  const configuration = output(args.collector).apply((collector) =>
    stringify(
      readerConfiguration({
        ...{ kind: args.kind, listen: "0.0.0.0", notes, collector },
        source: dockerLines(folder, prefix, name),
      }),
    ),
  );
  new Workload(
    name,
    {
      program: { upstream: "otel-collector" },
      component: "observability",
      command: (at) => [at.program("bin/otelcol"), interpolate`--config=env:${variable}`],
      env: () => ({ [variable]: configuration, GOMEMLIMIT: `${memory.expected}MiB` }),
      ports: { health: ports.health as number },
      calls: [args.door],
      health: { http: "/ready", port: "health" },
      memory: memory.expected,
      transform: {
        container: (container) => {
          container.user = "0:0";
          container.volumes = [
            { hostPath: engine.folder, containerPath: folder, readOnly: true },
            { volumeName: kept.name, containerPath: notes },
          ];
          // Where SELinux is in force it gives the folder to the engine alone.
          container.securityOpts = ["no-new-privileges:true", "label=disable"];
        },
      },
    },
    { parent },
  );
  return {};
}
