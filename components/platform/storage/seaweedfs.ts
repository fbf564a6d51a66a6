import { type ComponentResource, interpolate } from "@pulumi/pulumi";
import { upstream } from "../../catalogue/index.ts";
import { child } from "../../component.ts";
import { credential, rotatingCredential } from "../../primitives/credential/index.ts";
import { Workload } from "../../primitives/workload/index.ts";
import { SelfSignedCertificate } from "../../provider/wiring.ts";
import type { StorageArgs, StorageOutputs } from "./index.ts";

/** SeaweedFS: one server that is master, volume and filer at once. */
export function seaweedfs(name: string, { ports, memory }: StorageArgs, parent: ComponentResource): StorageOutputs {
  const access = rotatingCredential("storage/access-key", { parent, length: 20, alphabet: "alphanumeric" });
  const secret = rotatingCredential("storage/secret-key", { parent });
  const [accessKey, secretKey] = [access.value, secret.value];
  const signing = credential("storage/signing-key", { parent });
  const own = child(SelfSignedCertificate, name, { name: "storage/own-certificate" }, parent);
  const { s3: _s3, metrics: _metrics, ...loopback } = ports;
  const weed = new Workload(
    name,
    {
      program: { upstream: "seaweedfs" },
      data: true,
      files: () => ({
        "s3.json": interpolate`${accessKey}:${secretKey}\n${access.previous}:${secret.previous}`.apply(identities),
        "security.toml": signing.apply(security),
        "own.crt": own.certificate,
        "own.key": own.key,
      }),
      // The program looks for security.toml in the folder it starts in.
      cwd: (at) => at.config(),
      command: (at) => [
        at.program("bin/weed"),
        "-logtostderr",
        "server",
        at.data().apply((folder) => `-dir=${folder}`),
        // Master, volumes and filer ask nobody who calls them: they are for this one process, which is all of them.
        ...["-ip=127.0.0.1", "-ip.bind=127.0.0.1", `-metricsPort=${ports.metrics}`, `-metricsIp=${at.listen}`],
        ...[`-master.port=${ports.master}`, `-master.port.grpc=${ports.masterGrpc}`, "-master.volumeSizeLimitMB=1024"],
        // It is alone, so it need not wait the usual ten seconds for other voters and for other servers' heartbeats.
        ...["-master.electionTimeout=1s", "-master.telemetry=false", "-master.volumePreallocate=false"],
        ...[`-volume.port=${ports.volume}`, `-volume.port.grpc=${ports.volumeGrpc}`],
        ...["-volume.max=0", "-volume.preStopSeconds=1"],
        ...["-filer", `-filer.port=${ports.filer}`, `-filer.port.grpc=${ports.filerGrpc}`, "-filer.disableDirListing"],
        ...[
          "-s3",
          `-s3.ip.bind=${at.listen}`,
          `-s3.port=${ports.s3}`,
          `-s3.port.grpc=${ports.s3Grpc}`,
          "-s3.port.iceberg=0",
          "-s3.port.lance=0",
        ],
        at.config("s3.json").apply((file) => `-s3.config=${file}`),
      ],
      // Well above what it uses: near its limit Go would collect garbage all the time.
      env: (at) => ({ HOME: at.data(), GOMEMLIMIT: `${Math.floor(memory * 0.625)}MiB` }),
      ports: { s3: ports.s3, metrics: ports.metrics },
      loopback,
      health: { http: "/healthz", port: "s3" },
      // It waits 15 seconds for its own inner streams to end before it closes its volumes.
      stop: { signal: "SIGTERM", deadline: 40_000 },
      memory: upstream("seaweedfs").memory.expected,
      // It holds the parts of what is being written.
      limits: { memory },
    },
    { parent },
  );
  const { name: process, host, reach } = weed.outputs;
  const server = {
    endpoint: interpolate`http://${host}:${ports.s3}`,
    accessKey,
    secretKey,
    reach,
    door: { workload: name, port: ports.s3 },
  };
  return {
    server,
    process,
    copies: { [name]: { kind: "buckets", process, server } },
    metrics: interpolate`${host}:${ports.metrics}`,
  };
}

function identities(keys: string): string {
  const credentials = keys
    .split("\n")
    .map((pair) => pair.split(":"))
    .flatMap(([accessKey, secretKey]) => (accessKey && secretKey ? [{ accessKey, secretKey }] : []));
  const platform = { name: "platform", credentials, actions: ["Admin"] };
  return JSON.stringify({ identities: [platform] }, undefined, 2);
}

/**
 * Without these keys every user of the machine could read and write files by the inner ports. For gRPC its S3 part listens
 * where it listens for S3: by its own certificate it lets in nobody but itself.
 */
function security(key: string): string {
  return `[jwt.signing]
key = "${key}"
expires_after_seconds = 60

[jwt.signing.read]
key = "${key}"
expires_after_seconds = 60

[jwt.filer_signing]
key = "${key}"
expires_after_seconds = 60

[jwt.filer_signing.read]
key = "${key}"
expires_after_seconds = 60

[grpc]
ca = "own.crt"

[grpc.s3]
cert = "own.crt"
key = "own.key"
`;
}
