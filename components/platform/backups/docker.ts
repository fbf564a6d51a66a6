import { readFileSync } from "node:fs";
import { parseEnv } from "node:util";
import { all, type ComponentResource, type Input, jsonStringify, output, secret } from "@pulumi/pulumi";
import { DevflowError } from "../../error.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { surroundings } from "../../surroundings.ts";
import { doorsOfCopy, endpointOf, inOrder, parseDestination, told, withSecrets } from "./copies.ts";
import type { BackupsArgs } from "./index.ts";

/** Where the program finds what it copies, and where it keeps copies on the machine. */
const [readFrom, kept] = ["/copied", "/kept"];

/** Days at most on the disk that the data itself is on: each copy takes as much again. */
const daysOnTheSameDisk = 3;

const port = 4401;

/**
 * One container that makes all copies, one after another. It reads the volumes of others, which only their users may, so
 * its user is root's number with the one capability to read and write files of others, on mounts that are read-only.
 */
export function docker(name: string, args: BackupsArgs, parent: ComponentResource): object {
  const { prefix } = surroundings("docker");
  const stack = prefix.replace(/^devflow-/, "");
  const { destination, folder, retention } = args;
  const keys = keysOf(args);
  const onSameDisk = destination === undefined && folder === undefined;
  const copies = inOrder(withSecrets(args.copies));
  // Secrets are never copied in the clear; its log says that they are not.
  const made = copies.filter(([, { kind }]) => kind !== "secrets" || keys.ENCRYPTION_KEY);
  const folders = copies.flatMap(([, copy]) => (copy.kind === "folder" ? [copy.workload] : []));
  new Workload(
    name,
    {
      program: { service: "backup" },
      component: "platform",
      data: onSameDisk,
      losable: "these are the copies",
      files: (at) => ({
        "backups.json": jsonStringify({
          stack,
          at: args.at,
          keepDays: onSameDisk ? Math.min(retention, daysOnTheSameDisk) : retention,
          target: target(onSameDisk ? at.data() : `${kept}/${stack}`),
          copies: all(
            Object.fromEntries(copies.map(([copy, of]) => [copy, told(of, (workload) => `${readFrom}/${workload}`)])),
          ),
          ...(args.metrics !== undefined && { report: output(args.metrics.url).apply((url) => `${url}/api/v1/otlp`) }),
          volumes: { engine: `${readFrom}` },
          ...(keys.ENCRYPTION_KEY && { encryptionKey: secret(keys.ENCRYPTION_KEY) }),
        }),
      }),
      command: (at) => [
        at.node,
        "--max-old-space-size=160",
        "--disable-warning=ExperimentalWarning",
        at.program("glue-services/backup/main.ts"),
        at.config("backups.json"),
        "serve",
      ],
      env: () => ({ PORT: String(port), NODE_ENV: "production" }),
      ports: { health: port },
      health: { http: "/", port: "health" },
      // A copy that is cut off is none; the next one begins anew.
      stop: { signal: "SIGTERM", deadline: 15_000 },
      memory: 70,
      // A part of a large object at a time, twice.
      limits: { memory: 384 },
      calls: [...copies.flatMap(([, copy]) => doorsOfCopy(copy)), ...(args.metrics ? [args.metrics.door] : [])],
      outbound: destination !== undefined,
      after: copies.flatMap(([, { process }]) => (process === "" ? [] : [process])),
      transform: {
        container: (container) => {
          const copied = { label: "dev.devflow.copies", value: made.map(([copy]) => copy).join(",") };
          container.labels = output(container.labels).apply((labels = []) => [...labels, copied]);
          container.user = "0:0";
          container.capabilities = { drops: ["ALL"], adds: ["CAP_DAC_OVERRIDE"] };
          const own = Array.isArray(container.volumes) ? container.volumes : [];
          container.volumes = [
            ...own,
            ...folders.map((workload) => ({
              volumeName: `${prefix}-${workload}-data`,
              containerPath: `${readFrom}/${workload}`,
              readOnly: true,
            })),
            ...(folder === undefined ? [] : [{ hostPath: folder, containerPath: kept }]),
          ];
        },
      },
    },
    { parent },
  );
  return {};

  function target(path: Input<string>): Input<object> {
    if (destination === undefined) return { kind: "folder", path };
    const { bucket, prefix: before } = parseDestination(destination);
    const server = { endpoint: endpointOf(args.endpoint, args.region), region: args.region };
    const own = { accessKey: secret(keys.ACCESS_KEY_ID ?? ""), secretKey: secret(keys.ACCESS_SECRET_KEY ?? "") };
    return { kind: "s3", server: { ...server, ...own }, bucket, prefix: `${before}${stack}/` };
  }
}

/** @throws DevflowError CONFIG_INVALID for a file that cannot be read or has not what the destination needs */
function keysOf({ envFile, destination }: BackupsArgs): NodeJS.Dict<string> {
  const hint =
    "It has lines ACCESS_KEY_ID=…, ACCESS_SECRET_KEY=… and, for copies that are encrypted, ENCRYPTION_KEY=….";
  if (envFile === undefined) {
    if (destination === undefined) return {};
    throw new DevflowError("CONFIG_INVALID", "backups.envFile is missing: a bucket is opened by keys.", { hint });
  }
  let found: NodeJS.Dict<string>;
  try {
    found = parseEnv(readFileSync(envFile, "utf8"));
  } catch (error) {
    throw new DevflowError("CONFIG_INVALID", `backups.envFile cannot be read: ${(error as Error).message}`, {
      hint,
    });
  }
  if (destination !== undefined && !(found.ACCESS_KEY_ID && found.ACCESS_SECRET_KEY))
    throw new DevflowError("CONFIG_INVALID", `${envFile} has no keys for the bucket of backups.`, { hint });
  return found;
}
