import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials } from "@grpc/grpc-js";
import services from "@pulumi/pulumi/proto/provider_grpc_pb.js";
import type * as Proto from "@pulumi/pulumi/proto/provider_pb.js";
import proto from "@pulumi/pulumi/proto/provider_pb.js";
import struct from "google-protobuf/google/protobuf/struct_pb.js";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Monitor } from "../../../installer/engine/monitor-of.ts";
import { servePlugin } from "../../../installer/engine/plugin.ts";
import { serveMonitor } from "../../../installer/engine/serve-monitor.ts";
import { type Properties, secret, unknown } from "../../../installer/engine/values.ts";
import { testHost } from "./bench.ts";
import { contentOf, thingProviders, things } from "./thing.ts";

const urn = "urn:pulumi:s::p::devflow:test:Thing::a";
let folder: string;
let child: ChildProcess;
let client: InstanceType<typeof services.ResourceProviderClient>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "devflow-plugin-"));
  child = spawn(process.execPath, [join(import.meta.dirname, "plugin-main.ts"), folder], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await new Promise<string>((resolve) =>
    child.stdout?.once("data", (data) => resolve(String(data).trim())),
  );
  client = new services.ResourceProviderClient(`127.0.0.1:${port}`, credentials.createInsecure());
});
afterAll(() => {
  client.close();
  child.kill();
  rmSync(folder, { recursive: true, force: true });
});

/** One call over gRPC: fields of the request by their setters' names. */
function call<Response>(method: string, request: object, fields: Record<string, unknown> = {}): Promise<Response> {
  const setters = request as Record<string, (value: unknown) => void>;
  for (const [name, value] of Object.entries(fields)) {
    setters[`set${name}`]?.(typeof value === "object" ? struct.Struct.fromJavaScript(value as Properties) : value);
  }
  const methods = client as unknown as Record<
    string,
    (request: object, reply: (e: Error | null, r: Response) => void) => void
  >;
  return new Promise((resolve, reject) => {
    methods[method]?.call(client, request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

const password = secret("plugin-secret");
const inputs: Properties = { file: "a", content: "one", password };

test("the plugin takes secrets and previews", async () => {
  const configured = await call<Proto.ConfigureResponse>("configure", new proto.ConfigureRequest());
  expect([configured.getAcceptsecrets(), configured.getSupportspreview()]).toEqual([true, true]);
  const config = await call<Proto.CheckResponse>("checkConfig", new proto.CheckRequest(), { News: { version: "1" } });
  expect(config.getInputs()?.toJavaScript()).toEqual({ version: "1" });
});

test("check names each wrong input, and lets pass what is not known yet", async () => {
  const right = await call<Proto.CheckResponse>("check", new proto.CheckRequest(), { Urn: urn, News: inputs });
  expect(right.getFailuresList()).toEqual([]);
  expect(right.getInputs()?.toJavaScript()).toEqual(inputs);
  const wrong = await call<Proto.CheckResponse>("check", new proto.CheckRequest(), {
    Urn: urn,
    News: { file: unknown, takes: "long" },
  });
  expect(wrong.getFailuresList().map((failure) => [failure.getProperty(), failure.getReason()])).toEqual([
    ["takes", "must be integer"],
  ]);
});

test("diff tells none, an update, and a replacement with its order", async () => {
  const diff = (news: Properties, of = urn) =>
    call<Proto.DiffResponse>("diff", new proto.DiffRequest(), { Id: "a", Urn: of, OldInputs: inputs, News: news });
  const { DIFF_NONE, DIFF_SOME } = proto.DiffResponse.DiffChanges;
  expect((await diff({ ...inputs, password: "plugin-secret" })).getChanges()).toBe(DIFF_NONE);
  const update = await diff({ ...inputs, content: "two" });
  expect([update.getChanges(), update.getReplacesList(), update.getDiffsList()]).toEqual([DIFF_SOME, [], ["content"]]);
  const replace = await diff({ ...inputs, file: "b" });
  expect([replace.getReplacesList(), replace.getDeletebeforereplace()]).toEqual([["file"], false]);
  const fixedUrn = "urn:pulumi:s::p::devflow:test:Fixed::a";
  const deleteFirst = await diff({ ...inputs, kind: "other" }, fixedUrn);
  expect([deleteFirst.getReplacesList(), deleteFirst.getDeletebeforereplace()]).toEqual([["kind"], true]);
});

test("a resource is planned, created, read, updated and deleted, its secrets marked", async () => {
  const planned = await call<Proto.CreateResponse>("create", new proto.CreateRequest(), {
    ...{ Urn: urn, Properties: inputs, Preview: true },
  });
  expect([planned.getId(), planned.getProperties()?.toJavaScript()]).toEqual([
    "",
    { ...inputs, path: join(folder, "a.thing") },
  ]);
  expect(things(folder)).toEqual([]);

  const created = await call<Proto.CreateResponse>("create", new proto.CreateRequest(), {
    Urn: urn,
    Properties: inputs,
  });
  const outputs = created.getProperties()?.toJavaScript() as Properties;
  expect([created.getId(), outputs.size, outputs.token]).toEqual(["a", 5, secret("token-of-a")]);

  const known = { Id: "a", Urn: urn, Properties: outputs };
  const there = await call<Proto.ReadResponse>("read", new proto.ReadRequest(), { ...known, Inputs: inputs });
  expect([there.getId(), there.getProperties()?.toJavaScript()]).toEqual(["a", outputs]);
  expect(there.getInputs()?.toJavaScript()).toEqual(inputs);

  const updated = await call<Proto.UpdateResponse>("update", new proto.UpdateRequest(), {
    ...{ Id: "a", Urn: urn, Olds: outputs, OldInputs: inputs, News: { ...inputs, content: "longer" } },
  });
  expect(updated.getProperties()?.toJavaScript()).toMatchObject({ size: 8 });
  expect(contentOf(folder, "a")).toBe("longer");

  await call("delete", new proto.DeleteRequest(), { ...known, OldInputs: inputs });
  expect(things(folder)).toEqual([]);
  const gone = await call<Proto.ReadResponse>("read", new proto.ReadRequest(), { ...known, Inputs: inputs });
  expect(gone.getId()).toBe("");
});

test("a failure and an unknown type come as errors with their reason", async () => {
  const failing = { Urn: urn, Properties: { ...inputs, fails: "create" } };
  await expect(call("create", new proto.CreateRequest(), failing)).rejects.toThrow("create failed");
  const other = { Urn: "urn:pulumi:s::p::devflow:test:None::a", Properties: {} };
  await expect(call("create", new proto.CreateRequest(), other)).rejects.toThrow(
    "no resources of the type devflow:test:None",
  );
});

test("the executable of the plugin is a POSIX script that can be run", () => {
  const script = join(import.meta.dirname, "../../../components/provider/pulumi-resource-devflow");
  execFileSync("sh", ["-n", script]);
  execFileSync("test", ["-x", script]);
});

test("progress is told to the engine whose address the plugin is given", async () => {
  const heard: string[] = [];
  const monitor = { close() {} } as unknown as Monitor;
  const engine = await serveMonitor(monitor, (severity, message, of) => heard.push(`${severity} ${message} ${of}`));
  const plugin = await servePlugin(thingProviders(folder), async () => testHost(folder), engine.address);
  const near = new services.ResourceProviderClient(plugin.address, credentials.createInsecure());
  const request = new proto.CreateRequest();
  request.setUrn(urn);
  request.setProperties(struct.Struct.fromJavaScript({ file: "told" }));
  await new Promise<void>((resolve, reject) => near.create(request, (error) => (error ? reject(error) : resolve())));
  await expect.poll(() => heard).toEqual([`info making: with undefined ${urn}`]);
  near.close();
  await plugin.close();
});
