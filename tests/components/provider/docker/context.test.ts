import { createHash } from "node:crypto";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { chosenEngine } from "../../../../components/provider/docker/context.ts";
import { dockerEngine, engineAddress } from "../../../../components/provider/docker/engine.ts";

/** A home with contexts as `docker context create` makes them. */
async function home(contexts: Record<string, string>, current?: string) {
  const folder = await mkdtemp(join(tmpdir(), "devflow-docker-"));
  onTestFinished(() => rm(folder, { recursive: true }));
  const write = async (path: string, text: string) => {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  };
  await write(".docker/config.json", JSON.stringify({ auths: {}, ...(current && { currentContext: current }) }));
  for (const [name, Host] of Object.entries(contexts)) {
    const endpoints = { docker: { Host, SkipTLSVerify: false } };
    await write(metaOf(name), JSON.stringify({ Name: name, Metadata: {}, Endpoints: endpoints }));
  }
  return { folder, env: { HOME: folder, XDG_RUNTIME_DIR: join(folder, "run") }, write };
}

const idOf = (name: string) => createHash("sha256").update(name).digest("hex");
const metaOf = (name: string) => `.docker/contexts/meta/${idOf(name)}/meta.json`;

test("the engine is the one that the program docker would speak to, in its order", async () => {
  const { env, folder } = await home({ colima: "unix:///colima.sock", far: "tcp://far.example:2375" }, "colima");
  expect(chosenEngine("unix:///set.sock", { ...env, DOCKER_HOST: "unix:///env.sock" })).toEqual({
    ...{ host: "unix:///set.sock", from: "docker.host" },
  });
  expect(chosenEngine(undefined, { ...env, DOCKER_HOST: "unix:///env.sock", DOCKER_CONTEXT: "far" }).from).toBe(
    "DOCKER_HOST",
  );
  expect(chosenEngine(undefined, { ...env, DOCKER_CONTEXT: "far" })).toEqual({
    ...{ host: "tcp://far.example:2375", from: "the context far of DOCKER_CONTEXT", told: true },
  });
  expect(chosenEngine(undefined, env)).toEqual({
    ...{
      host: "unix:///colima.sock",
      from: `the context colima of ${join(folder, ".docker/config.json")}`,
      told: true,
    },
  });
  expect(chosenEngine(undefined, { ...env, DOCKER_CONTEXT: "default" }).host).toBe("unix:///var/run/docker.sock");
  const elsewhere = { HOME: "/nowhere", DOCKER_CONFIG: join(folder, ".docker") };
  expect(chosenEngine(undefined, elsewhere).host).toBe("unix:///colima.sock");
});

test("a context that is not there is refused by its name and by who named it", async () => {
  const { env } = await home({}, "gone");
  expect(() => engineAddress(undefined, env)).toThrow(/config\.json names the Docker context gone, which is not in/);
  expect(() => engineAddress(undefined, { ...env, DOCKER_CONTEXT: "other" })).toThrow(/DOCKER_CONTEXT names .* other/);
  const broken = await home({});
  await broken.write(".docker/config.json", "{");
  expect(chosenEngine(undefined, broken.env).host).toMatch(/docker\.sock$/);
});

test("a context's certificates are its own", async () => {
  const { env, write } = await home({ far: "tcp://far.example:2376" }, "far");
  for (const file of ["ca", "cert", "key"]) {
    await write(`.docker/contexts/tls/${idOf("far")}/docker/${file}.pem`, `the ${file}`);
  }
  expect(engineAddress(undefined, env)).toMatchObject({
    origin: "https://far.example:2376",
    tls: { cert: Buffer.from("the cert") },
  });
});

test("the context's engine is spoken to, and one that does not answer is named with its context", async () => {
  const { env, folder, write } = await home({}, "mine");
  const socket = join(folder, "e.sock");
  await write(metaOf("mine"), JSON.stringify({ Name: "mine", Endpoints: { docker: { Host: `unix://${socket}` } } }));
  await using engine = dockerEngine(undefined, env);
  await expect(engine.call("GET", "/info")).rejects.toThrow(/e\.sock \(the context mine of .*config\.json\)/);
  const server = createServer((_, answer) => answer.end('{"ServerVersion":"29.1"}'));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  onTestFinished(() => void server.close());
  expect(await engine.call("GET", "/info")).toEqual({ ServerVersion: "29.1" });
});

test("without any word a rootless engine's socket serves where the usual one cannot be used", async () => {
  const { env, write, folder } = await home({});
  await write("run/docker.sock", "");
  await chmod(join(folder, "run/docker.sock"), 0o600);
  const found = chosenEngine(undefined, env);
  // Where this machine has an engine of its own, that one wins.
  expect([`unix://${join(folder, "run/docker.sock")}`, "unix:///var/run/docker.sock"]).toContain(found.host);
  expect(found.from).toBe(
    found.host.startsWith("unix:///var/run") ? "the usual socket" : "the socket of the rootless engine",
  );
});
