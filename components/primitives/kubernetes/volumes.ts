import type { WorkloadArgs } from "../workload/index.ts";
import { services } from "./image.ts";
import type { PodParts } from "./pod.ts";
import { configFolder, keyOf } from "./rendered.ts";
import { containerSecurity } from "./security.ts";

/** Everything a pod can read besides its image, and the little that it can write. */
export function volumes(args: WorkloadArgs, { image, files, claim }: PodParts) {
  const temporary = ["/tmp", ...image.writable.filter((folder) => folder !== "/tmp")];
  const scratch = args.data && !claim && !args.members ? "cache" : undefined;
  const dataFolder = args.data ? [{ name: scratch ?? "data", mountPath: image.data }] : [];
  return {
    volumes: [
      ...(claim ? [{ name: "data", persistentVolumeClaim: { claimName: claim.metadata.name } }] : []),
      // A member's own is made with it, by its set.
      // Of another name than a volume that keeps data, whose room is watched.
      ...(scratch ? [{ name: scratch, emptyDir: { sizeLimit: "1Gi" } }] : []),
      ...(files.secret ? [rendered()] : []),
      ...(needsCopy(args, files) ? [{ name: "private", emptyDir: { medium: "Memory", sizeLimit: "4Mi" } }] : []),
      ...temporary.map((_, index) => ({ name: `temporary-${index}`, emptyDir: { sizeLimit: "1Gi" } })),
    ],
    mounts: [
      ...dataFolder,
      ...(files.secret
        ? [{ name: needsCopy(args, files) ? "private" : "config", mountPath: configFolder, readOnly: true }]
        : []),
      ...temporary.map((mountPath, index) => ({ name: `temporary-${index}`, mountPath })),
    ],
  };

  /** Readable by the pod's group; a Secret's files belong to root whatever one asks. */
  function rendered() {
    const items = files.files.map((path) => ({ key: keyOf(path), path }));
    return { name: "config", secret: { secretName: files.secret, defaultMode: 0o440, items } };
  }
}

/**
 * The glue services refuse keys and password files that others than their owner could read, and a Secret's files belong
 * to root. So they get a copy of their own in memory, mode 0600.
 */
export function privateCopy(args: WorkloadArgs, parts: PodParts) {
  if (!needsCopy(args, parts.files)) return [];
  const from = "/run/rendered";
  return [
    {
      name: "private-files",
      image: parts.image.reference,
      command: [services.node, "--input-type=module", "-e", copy, from, configFolder, ...parts.files.files],
      resources: { requests: { memory: "48Mi", cpu: "20m" }, limits: { memory: "128Mi", cpu: "1000m" } },
      securityContext: containerSecurity,
      volumeMounts: [
        { name: "config", mountPath: from, readOnly: true },
        { name: "private", mountPath: configFolder },
      ],
    },
  ];
}

const copy = `
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
const [from, to, ...files] = process.argv.slice(1);
for (const file of files) {
  mkdirSync(dirname(join(to, file)), { recursive: true });
  writeFileSync(join(to, file), readFileSync(join(from, file)), { mode: 0o600 });
}
`.trim();

function needsCopy(args: WorkloadArgs, files: PodParts["files"]): boolean {
  return "service" in args.program && files.secret !== undefined;
}
