import { readFile, rm } from "node:fs/promises";
import { type ChannelCredentials, Client, credentials, status } from "@grpc/grpc-js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Storage } from "../../../../components/platform/storage/index.ts";
import { providers } from "../../../../components/provider/index.ts";
import { selfSignedCertificate } from "../../../../components/provider/self-signed.ts";
import { openStore, runProgram } from "../../../../installer/engine/index.ts";
import { connect } from "../../../../installer/supervisor/client.ts";
import { portsFrom } from "../../../../stacks/ports.ts";
import { freeBlock } from "../../../e2e/stack.ts";
import { type TestHost, testHost } from "../../host.ts";

/**
 * The S3 part of object storage has a second door, by gRPC, for parts of its own that hand it identities and delete what is
 * past its time. A neighbour that reaches S3 reaches it too, and is not to get in.
 */
describe("the gRPC door of object storage's S3 part", () => {
  let host: TestHost;
  let port: number;

  beforeAll(async () => {
    host = await testHost();
    port = await freeBlock();
    const { failed } = await runProgram({
      program: async () => void new Storage("storage", { ports: portsFrom(port).storage, memory: 512 }),
      ...{ project: "devflow", stack: "test", config: { "devflow:target": "local" }, mode: "up" },
      ...{ providers, host, store: openStore({ file: host.paths.state, keyFile: host.paths.key }) },
      ...{ signal: new AbortController().signal, onEvent: () => {} },
    });
    expect(failed.map(({ error }) => error.message)).toEqual([]);
  });
  afterAll(async () => {
    await (await connect(host.paths))?.stopAll();
    await host.dispose();
    await rm(host.paths.sockets, { recursive: true, force: true });
  });

  it("obeys nobody who comes without a certificate", async () => {
    await expect(deleteObject(credentials.createInsecure())).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it("obeys nobody who comes by TLS and has no key of the program's", async () => {
    const { certificate } = await own();
    await expect(deleteObject(encrypted(certificate))).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it("obeys nobody who made a certificate for himself", async () => {
    const { certificate } = await own();
    const { outputs } = await selfSignedCertificate.create({ name: "somebody/else" }, host.context("somebody"));
    await expect(deleteObject(encrypted(certificate, outputs))).rejects.toMatchObject({ code: status.UNAVAILABLE });
  });

  it("asks whoever comes with the program's own certificate for a signed token besides", async () => {
    const pair = await own();
    await expect(deleteObject(encrypted(pair.certificate, pair))).rejects.toMatchObject({
      code: status.UNAUTHENTICATED,
    });
  });

  async function own() {
    const read = (name: string) => readFile(`${host.paths.config("storage")}/${name}`, "utf8");
    return { certificate: await read("own.crt"), key: await read("own.key") };
  }

  async function deleteObject(by: ChannelCredentials): Promise<void> {
    const client = new Client(`127.0.0.1:${portsFrom(port).storage.s3Grpc}`, by);
    try {
      await new Promise<void>((resolve, reject) => {
        client.makeUnaryRequest(
          "/s3_lifecycle_pb.SeaweedS3LifecycleInternal/LifecycleDelete",
          (message: Buffer) => message,
          (answer: Buffer) => answer,
          // Of no object: it is about who gets so far.
          Buffer.alloc(0),
          (error) => (error ? reject(error) : resolve()),
        );
      });
    } finally {
      client.close();
    }
  }
});

function encrypted(authority: string, pair?: { certificate: string; key: string }): ChannelCredentials {
  const { key, certificate } = pair ?? {};
  return credentials.createSsl(
    Buffer.from(authority),
    key === undefined ? null : Buffer.from(key),
    certificate === undefined ? null : Buffer.from(certificate),
    // It is called by an address.
    { checkServerIdentity: () => undefined },
  );
}
