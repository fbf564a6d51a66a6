import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { S3Client } from "../../../glue-services/backup/stores/client.ts";
import { program } from "../../program.ts";
import { freePort } from "../postgres-server.ts";

/** A real S3 server in a temporary folder. */
export interface Seaweed extends AsyncDisposable {
  server: { endpoint: string; region: string; accessKey: string; secretKey: string };
  client: S3Client;
  /** Makes a bucket. */
  bucket(name: string): Promise<void>;
  put(bucket: string, key: string, text: string, headers?: Record<string, string>): Promise<void>;
}

export async function startSeaweed(): Promise<Seaweed> {
  const weed = join(await program("seaweedfs"), "bin/weed");
  const folder = await mkdtemp(join(tmpdir(), "devflow-weed-"));
  const keys = { accessKey: "tests", secretKey: "tests-only" };
  const identity = {
    name: "tests",
    credentials: [{ accessKey: keys.accessKey, secretKey: keys.secretKey }],
    actions: ["Admin", "Read", "Write", "List", "Tagging"],
  };
  await writeFile(join(folder, "s3.json"), JSON.stringify({ identities: [identity] }));
  const [s3, master, volume, filer, ...grpc] = await Promise.all(Array.from({ length: 8 }, freePort));
  const child = spawn(
    weed,
    [
      ...["-logtostderr", "server", `-dir=${folder}`, "-ip=127.0.0.1", "-ip.bind=127.0.0.1"],
      ...[`-master.port=${master}`, `-master.port.grpc=${grpc[0]}`, "-master.electionTimeout=1s"],
      ...["-master.volumePreallocate=false", "-master.volumeSizeLimitMB=64", "-master.telemetry=false"],
      ...[`-volume.port=${volume}`, `-volume.port.grpc=${grpc[1]}`, "-volume.max=0", "-volume.preStopSeconds=0"],
      ...["-filer", `-filer.port=${filer}`, `-filer.port.grpc=${grpc[2]}`],
      ...["-s3", `-s3.port=${s3}`, `-s3.port.grpc=${grpc[3]}`, "-s3.port.iceberg=0", "-s3.port.lance=0"],
      `-s3.config=${join(folder, "s3.json")}`,
    ],
    { cwd: folder, stdio: "ignore" },
  );
  const server = { endpoint: `http://127.0.0.1:${s3}`, region: "us-east-1", ...keys };
  const client = new S3Client(server, {});
  await serves(async () => {
    await client.buckets();
  });
  return {
    server,
    client,
    async bucket(name) {
      await serves(async () => {
        await client.call("PUT", `/${name}`);
      });
    },
    async put(bucket, key, text, headers = {}) {
      const path = `/${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
      await client.call("PUT", path, { body: Buffer.from(text), headers });
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGKILL");
      await new Promise((resolve) => child.once("exit", resolve));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function serves(ask: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      return await ask();
    } catch (error) {
      if (tries > 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
