import { all, type ComponentResource, getStack, type Input, jsonStringify, type Output, output } from "@pulumi/pulumi";
import type { Door } from "../../primitives/calls.ts";
import { priority } from "../../primitives/kubernetes/availability.ts";
import { podImage, services } from "../../primitives/kubernetes/image.ts";
import { labels, metadata, object, selector } from "../../primitives/kubernetes/object.ts";
import { calledBy } from "../../primitives/kubernetes/policy.ts";
import { configFolder } from "../../primitives/kubernetes/rendered.ts";
import { containerSecurity, podSecurity } from "../../primitives/kubernetes/security.ts";
import { sdk } from "../../sdk.ts";
import { surroundings } from "../../surroundings.ts";
import {
  type BackupTarget,
  type Copy,
  doorsOfCopy,
  endpointOf,
  inOrder,
  minutesLater,
  parseDestination,
  told,
  withSecrets,
} from "./copies.ts";
import type { BackupsArgs } from "./index.ts";

type PodSpec = import("@pulumi/kubernetes").types.input.core.v1.PodSpec;

/** What differs between clusters in how copies get to their bucket. */
export interface Way {
  target: BackupTarget;
  /** Days that the program keeps copies; 0: the bucket does that itself. */
  keepDays: number;
  /** Secret with keys of the bucket and of encryption; absent: the pods' own role. */
  secretName?: string;
  /** Of the pods of all copies, so that one role is enough. */
  account: Output<string>;
  /** Where pods run that read no volume. */
  place?: Partial<PodSpec>;
}

/** A CronJob for each copy: it ends when its copy is made, and its next turn does not wait for anything else. */
export function kubernetes(name: string, args: BackupsArgs, parent: ComponentResource): object {
  const { backups } = surroundings("kubernetes");
  // The policy pack refuses a stack without; here there is nothing to say where copies would go.
  if (!backups || args.destination === undefined) return {};
  const target = {
    ...parseDestination(args.destination),
    ...{ endpoint: endpointOf(args.endpoint, args.region), region: args.region },
  };
  const account = serviceAccount(name, parent);
  cronJobs(
    name,
    { ...args, copies: withSecrets(args.copies) },
    { target, keepDays: args.retention, account, ...(backups.secretName && { secretName: backups.secretName }) },
    parent,
  );
  return {};
}

export function serviceAccount(name: string, parent: ComponentResource): Output<string> {
  const { ServiceAccount } = sdk.kubernetes().core.v1;
  const args = { metadata: metadata(name), automountServiceAccountToken: false };
  return object(ServiceAccount, name, args, parent).metadata.name;
}

export function cronJobs(name: string, args: BackupsArgs, way: Way, parent: ComponentResource): void {
  const { core, batch, networking } = sdk.kubernetes();
  const { images, calls } = surroundings("kubernetes");
  const image = podImage({ service: "backup" });
  const copies = inOrder(args.copies);
  if (copies.length === 0) return;
  for (const [copy, of] of copies) {
    const full = `backup-${copy}`;
    const about = { ...metadata(full, name), labels: { ...labels(full, name), [copiesLabel]: copy } };
    const config = object(
      core.v1.Secret,
      full,
      { metadata: about, stringData: { "backups.json": configuration(copy, of) } },
      parent,
    );
    letOut(full, [...doorsOfCopy(of), ...(args.metrics ? [args.metrics.door] : [])]);
    object(
      batch.v1.CronJob,
      full,
      {
        metadata: { ...about, annotations: { "devflow.dev/after": output(of.process).apply(String) } },
        spec: {
          schedule: schedule(of),
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          // A cluster that was down for the night makes up for it.
          startingDeadlineSeconds: 6 * 3600,
          successfulJobsHistoryLimit: 1,
          failedJobsHistoryLimit: 3,
          jobTemplate: {
            metadata: { labels: labels(full, name) },
            spec: {
              backoffLimit: 2,
              activeDeadlineSeconds: 10 * 3600,
              template: { metadata: { labels: labels(full, name) }, spec: pod(full, copy, of, config.metadata.name) },
            },
          },
        },
      },
      parent,
    );
  }

  function configuration(copy: string, of: Copy): Output<string> {
    const { endpoint, region, bucket, prefix } = way.target;
    return jsonStringify({
      stack: getStack(),
      ...{ at: args.at, keepDays: way.keepDays },
      target: { kind: "s3", server: { endpoint, region }, bucket, prefix: `${prefix}${getStack()}/` },
      copies: all({ [copy]: told(of, () => dataFolder) }),
      ...(args.metrics !== undefined && { report: output(args.metrics.url).apply((url) => `${url}/api/v1/otlp`) }),
      volumes: {},
    });
  }

  function schedule({ kind }: Copy): string {
    const [hours = 0, minutes = 0] = args.at.split(":").map(Number);
    const at = hours * 60 + minutes + minutesLater[kind];
    return `${at % 60} ${Math.floor(at / 60) % 24} * * *`;
  }

  function pod(full: string, copy: string, of: Copy, config: Input<string>): PodSpec {
    const reads = of.kind === "folder" ? of : undefined;
    // With the number of the user whose files it reads: another group would take them over when the volume is mounted.
    const { user, group } = reads ? podImage({ upstream: reads.upstream }) : image;
    return {
      restartPolicy: "Never",
      serviceAccountName: way.account,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      ...priority("platform"),
      ...(images.pullSecret !== undefined && { imagePullSecrets: [{ name: images.pullSecret }] }),
      securityContext: podSecurity({ user, group }),
      ...(reads ? { affinity: besides(reads.workload) } : way.place),
      volumes: [
        { name: "config", secret: { secretName: config, defaultMode: 0o440 } },
        { name: "temporary", emptyDir: { sizeLimit: "64Mi" } },
        ...(reads ? [{ name: "data", persistentVolumeClaim: { claimName: `${reads.workload}-data` } }] : []),
      ],
      containers: [
        {
          name: full,
          image: image.reference,
          command: [
            ...[services.node, "--max-old-space-size=160", "--disable-warning=ExperimentalWarning"],
            ...[image.path("glue-services/backup/main.ts"), `${configFolder}/backups.json`, "once", copy],
          ],
          workingDir: "/tmp",
          env: [
            { name: "NODE_ENV", value: "production" },
            { name: "NODE_COMPILE_CACHE", value: "/tmp/compile-cache" },
            ...keys(),
          ],
          resources: {
            requests: { memory: "128Mi", cpu: "50m" },
            limits: { memory: "384Mi", cpu: "1000m", "ephemeral-storage": "256Mi" },
          },
          securityContext: containerSecurity,
          volumeMounts: [
            { name: "config", mountPath: configFolder, readOnly: true },
            { name: "temporary", mountPath: "/tmp" },
            ...(reads ? [{ name: "data", mountPath: dataFolder, readOnly: true }] : []),
          ],
        },
      ],
    };
  }

  /** A Secret of the user's: encryption is a key in it that need not be there. */
  function keys() {
    const { secretName } = way;
    if (secretName === undefined) return [];
    return ["ACCESS_KEY_ID", "ACCESS_SECRET_KEY", "ENCRYPTION_KEY"].map((key) => ({
      name: key,
      valueFrom: { secretKeyRef: { name: secretName, key, ...(key === "ENCRYPTION_KEY" && { optional: true }) } },
    }));
  }

  /** To what it copies, to the bucket, whose address no policy can name, and to what hands out the keys of a role. */
  function letOut(full: string, doors: Door[]): void {
    calls.add(full, doors);
    const { port, protocol } = new URL(way.target.endpoint);
    const bucket = port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);
    const agent = { to: [{ ipBlock: { cidr: "169.254.170.23/32" } }], ports: [tcp(80)] };
    const spec = {
      podSelector: { matchLabels: selector(full) },
      policyTypes: ["Egress"],
      egress: calledBy(full).apply((rules) => [
        ...rules,
        { ports: [...new Set([443, bucket])].map(tcp) },
        ...(way.secretName === undefined ? [agent] : []),
      ]),
    };
    object(networking.v1.NetworkPolicy, full, { metadata: metadata(full, name), spec }, parent);
  }
}

const dataFolder = "/copied";

/** By which the policy pack finds the copy of a claim: the name of a workload. */
const copiesLabel = "devflow.dev/copies";

/** A volume that one node at a time may use is read on that node. */
function besides(workload: string): PodSpec["affinity"] {
  const term = { labelSelector: { matchLabels: selector(workload) }, topologyKey: "kubernetes.io/hostname" };
  return { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [term] } };
}

function tcp(port: number) {
  return { port, protocol: "TCP" };
}
