import { expect, it } from "vitest";
import { exposedName, prefixOf } from "../../../glue-services/mcp-gateway/federation/exposed-name.ts";
import { wholeNumbers } from "../../seeded.ts";
import { client, formerClient, words } from "./clients.ts";
import { type Rig, startMcpGateway } from "./rig.ts";
import { saysName, scripted, toolsNamed } from "./scripted.ts";

const taken = /^[A-Za-z0-9_-]{1,64}$/;

it("thousands of names of tools become names that every client and model takes, and no two the same", () => {
  const below = wholeNumbers(29);
  const alphabets = ["ab_", "abcdef0123456789_", "aZ9_-.", "a:/ .é工具🦀\n\u0000", "_", "-"];
  const servers = ["s", "tracker", "a-server-of-thirty-one-letters-"];
  const exposed = new Map<string, string>();
  const wrong: unknown[] = [];
  for (let n = 0; n < 20_000; n++) {
    const alphabet = [...(alphabets[below(alphabets.length)] as string)];
    const name = Array.from({ length: below(n % 7 === 0 ? 200 : 24) }, () => alphabet[below(alphabet.length)]).join("");
    const server = servers[below(servers.length)] as string;
    const own = exposedName(prefixOf(server), name);
    // A name that looks like a shortened one is not taken for it.
    for (const whose of [name, own.slice(prefixOf(server).length)]) {
      const short = exposedName(prefixOf(server), whose);
      const of = JSON.stringify([server, whose]);
      // Clients put their own name for the gateway before it.
      const fits = taken.test(short) && taken.test(`mcp__devflow__${short}`) && short.startsWith(`${server}__`);
      if (!fits || (exposed.get(short) ?? of) !== of) wrong.push([of, short, exposed.get(short)]);
      exposed.set(short, of);
    }
  }
  expect(wrong).toEqual([]);
  expect(exposed.size).toBeGreaterThan(10_000);
});

it("a name that every client takes stays as it is", () => {
  expect(exposedName("tracker__", "create_issue")).toBe("tracker__create_issue");
  expect(exposedName("", "anything at all, of a server that is asked alone")).toContain("anything at all");
});

const long = "list_every_single_item_that_was_ever_put_on_a_list";
const odd = ["functions.search:0", "工具", "with a blank", `${long}_a`, `${long}_b`, "plain", "a_0123456789"];

for (const [which, connect] of [
  ["of 2025", (rig: Rig) => formerClient(rig)],
  ["of 2026, each request by itself,", (rig: Rig) => client(rig)],
] as const) {
  it(`a client ${which} calls tools and prompts of long and odd names under short ones that stay when servers are added`, async () => {
    const prompts = odd.map((name) => ({ name }));
    const says = ({ name }: Record<string, unknown>) => ({
      messages: [{ role: "user", content: { type: "text", text: String(name) } }],
    });
    const script = {
      ...{ "tools/list": toolsNamed(...odd), "tools/call": saysName },
      ...{ "prompts/list": { prompts }, "prompts/get": says },
    };
    const server = await scripted(script);
    const rig = await startMcpGateway();
    await rig.add({ name: "server-with-a-long-name-indeed", transport: "http", url: server.url });
    const one = await connect(rig);
    const told = (await one.listTools()).tools;
    expect(told).toHaveLength(odd.length);
    for (const { name } of told) expect([name, taken.test(name)]).toEqual([name, true]);
    for (const [at, { name, title, _meta }] of told.entries()) {
      const own = odd[at];
      if (own !== "plain") expect([title, _meta?.["devflow/name"]]).toEqual([own, own]);
      expect(words(await one.callTool({ name, arguments: {} }))).toBe(own);
    }
    const asked = (await one.listPrompts()).prompts;
    expect(asked.map(({ name }) => name)).toEqual(told.map(({ name }) => name));
    for (const [at, { name }] of asked.entries()) {
      const { messages } = await one.getPrompt({ name });
      expect(messages[0]?.content).toEqual({ type: "text", text: odd[at] });
    }
    await rig.add({ name: "server", transport: "http", url: server.url });
    // Whoever connects anew calls by the names they were told before, and by those of a server that nobody listed yet.
    const later = await connect(rig);
    for (const [at, { name }] of told.entries())
      expect(words(await later.callTool({ name, arguments: {} }))).toBe(odd[at]);
    for (const own of odd)
      expect(words(await later.callTool({ name: exposedName("server__", own), arguments: {} }))).toBe(own);
    await expect(later.callTool({ name: "server__no_such_tool_0123456789", arguments: {} })).rejects.toThrow(
      /nothing named/,
    );
  }, 30_000);
}

it("a rule holds for a tool by its own name, however its name had to be shortened", async () => {
  const server = await scripted({ "tools/list": toolsNamed("erase everything", "look"), "tools/call": saysName });
  const rig = await startMcpGateway();
  await rig.add({ name: "tracker", transport: "http", url: server.url });
  const before = await client(rig);
  const name = (await before.listTools()).tools[0]?.name ?? "";
  expect(words(await before.callTool({ name, arguments: {} }))).toBe("erase everything");
  const rule = await rig.ask("PUT", "/rules", { server: "tracker", tool: "erase everything", effect: "deny" });
  expect(rule.status).toBe(200);
  const names = async () => (await (await client(rig)).listTools()).tools.map((tool) => tool.name);
  await expect.poll(names).toEqual(["tracker__look"]);
  const refused = await (await client(rig)).callTool({ name, arguments: {} });
  expect([refused.isError, words(refused)]).toEqual([true, expect.stringContaining("not allowed")]);
  expect(server.asked.filter(({ method }) => method === "tools/call")).toHaveLength(1);
});

it("a resource that several servers have under one address is read at each, by addresses that say whose", async () => {
  const having = (text: string) =>
    scripted({
      "resources/list": { resources: [{ uri: "file:///readme.md", name: "readme" }] },
      "resources/templates/list": { resourceTemplates: [{ uriTemplate: "file:///{path}", name: "files" }] },
      "resources/read": ({ uri }) => ({ contents: [{ uri, text: `${text} ${uri}` }] }),
    });
  const [first, second] = [await having("of the first"), await having("of the second")];
  const rig = await startMcpGateway();
  await rig.add({ name: "zebra", transport: "http", url: first.url });
  const one = await client(rig);
  expect((await one.listResources()).resources.map(({ uri }) => uri)).toEqual(["file:///readme.md"]);
  await rig.add({ name: "ant", transport: "http", url: second.url });
  const uris = async () => (await (await client(rig)).listResources()).resources.map(({ uri }) => uri);
  const both = ["devflow+ant:file:///readme.md", "devflow+zebra:file:///readme.md"];
  await expect.poll(uris).toEqual(both);
  for (const connect of [client, formerClient]) {
    const later = await connect(rig);
    const read = async (uri: string) => (await later.readResource({ uri })).contents[0];
    const [ants, zebras] = both as [string, string];
    expect(await read(ants)).toEqual({ uri: ants, text: "of the second file:///readme.md" });
    expect(await read(zebras)).toEqual({ uri: zebras, text: "of the first file:///readme.md" });
    // Whoever knew the address before still reads the same.
    expect(await read("file:///readme.md")).toEqual({
      uri: "file:///readme.md",
      text: "of the first file:///readme.md",
    });
    expect(await read("devflow+ant:file:///other.md")).toMatchObject({ text: "of the second file:///other.md" });
  }
}, 30_000);
