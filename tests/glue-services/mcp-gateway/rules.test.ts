import { describe, expect, it } from "vitest";
import { matches } from "../../../glue-services/mcp-gateway/access/rules.ts";
import { client, formerClient, words } from "./clients.ts";
import { colleague } from "./rig.ts";
import { path, withReference } from "./with-reference.ts";

describe("rules", () => {
  it("a tool that is denied is not offered and not carried out, over HTTP and in one with others", async () => {
    const rig = await withReference();
    await rig.ask("PUT", "/rules", { server: "reference", tool: "test_*_content", effect: "deny" });
    for (const [at, prefix] of [
      [path, ""],
      ["/mcp", "reference__"],
    ] as const) {
      for (const mode of ["auto", "legacy"] as const) {
        const one = await client(rig, { path: at, mode });
        const names = (await one.listTools()).tools.map(({ name }) => name);
        expect(names).toContain(`${prefix}test_simple_text`);
        expect(names).not.toContain(`${prefix}test_image_content`);
        const answer = await one.callTool({ name: `${prefix}test_image_content`, arguments: {} });
        expect(answer.isError).toBe(true);
        expect(words(answer)).toContain("not allowed");
      }
    }
    await expect.poll(async () => (await rig.ask<unknown[]>("GET", "/calls?outcome=denied")).body.length).toBe(4);
  });

  it("a rule that is set, a server that is added and one that is removed count in sessions that began before", async () => {
    const rig = await withReference();
    for (const [at, sse] of [
      ["/mcp", false],
      ["/mcp/sse", true],
    ] as const) {
      const one = await formerClient(rig, { path: at, sse });
      const names = async () => (await one.listTools()).tools.map(({ name }) => name);
      const answer = async () => words(await one.callTool({ name: "reference__test_simple_text", arguments: {} }));
      expect(await answer()).toContain("simple text");
      const { body } = await rig.ask<{ id: string }>("PUT", "/rules", { tool: "test_simple_text", effect: "deny" });
      expect(await answer()).toContain("not allowed");
      expect(await names()).not.toContain("reference__test_simple_text");
      await rig.ask("DELETE", `/rules/${body.id}`);
      expect(await names()).toContain("reference__test_simple_text");
      const { body: servers } = await rig.ask<{ url: string }[]>("GET", "/servers");
      const id = await rig.add({ name: "second", transport: "http", url: String(servers[0]?.url) });
      expect(await names()).toContain("second__test_simple_text");
      await rig.ask("DELETE", `/servers/${id}`);
      expect(await names()).not.toContain("second__test_simple_text");
    }
  });

  it("the most particular rule decides, and of two equal ones the stricter", async () => {
    const rig = await withReference();
    const guest = colleague(rig, { roles: ["guest"], scopes: ["mcp:use"] });
    await rig.ask("PUT", "/rules", { tool: "*", effect: "deny" });
    await rig.ask("PUT", "/rules", { server: "reference", tool: "test_simple_text", role: "guest", effect: "allow" });
    const names = async (who: typeof guest) =>
      (await (await client(rig, { path, who })).listTools()).tools.map(({ name }) => name);
    expect(await names(guest)).toEqual(["test_simple_text"]);
    expect(await names(rig.admin)).toEqual([]);
  });

  it("patterns are no regular expressions, and cannot be made slow", () => {
    expect(matches("read_*", "read_file")).toBe(true);
    expect(matches("read_?ile", "read_file")).toBe(true);
    expect(matches("a.c", "abc")).toBe(false);
    expect(matches("*a*a*a*a*a*a*a*a*a*b", "a".repeat(200))).toBe(false);
  });
});

describe("approvals", () => {
  it("a call waits for a person, is made once when approved, and for these arguments only", async () => {
    const rig = await withReference();
    await rig.ask("PUT", "/rules", { tool: "test_simple_text", effect: "approve" });
    const one = await formerClient(rig, { path });
    const call = (given: Record<string, unknown>) => one.callTool({ name: "test_simple_text", arguments: given });
    expect(words(await call({ b: 1, a: 2 }))).toContain("needs a person's approval");
    expect(words(await call({ a: 2, b: 1 }))).toContain("needs a person's approval");
    const { body: waiting } = await rig.ask<{ id: string; arguments: object }[]>("GET", "/approvals");
    expect(waiting).toHaveLength(1);
    expect(waiting[0]?.arguments).toEqual({ a: 2, b: 1 });

    const machine = colleague(rig, { person: undefined });
    expect((await rig.ask("POST", `/approvals/${waiting[0]?.id}`, { approve: true }, machine)).status).toBe(403);
    expect((await rig.ask("POST", `/approvals/${waiting[0]?.id}`, { approve: true })).status).toBe(200);
    expect((await rig.ask("POST", `/approvals/${waiting[0]?.id}`, { approve: false })).status).toBe(409);
    expect(words(await call({ a: 3 }))).toContain("needs a person's approval");
    expect(words(await call({ a: 2, b: 1 }))).toBe("This is a simple text response for testing.");
    expect(words(await call({ a: 2, b: 1 }))).toContain("needs a person's approval");
  });

  it("an approval that was not used in a day is none any more: the call is asked about anew", async () => {
    const rig = await withReference();
    await rig.ask("PUT", "/rules", { tool: "test_simple_text", effect: "approve" });
    const one = await formerClient(rig, { path });
    const call = async () => words(await one.callTool({ name: "test_simple_text", arguments: {} }));
    await call();
    const { body } = await rig.ask<{ id: string }[]>("GET", "/approvals");
    await rig.ask("POST", `/approvals/${body[0]?.id}`, { approve: true });
    await rig.owner.query("update mcp_gateway.approval set decided_at = now() - interval '30 days'");
    expect((await rig.ask<unknown[]>("GET", "/approvals")).body).toMatchObject([{ state: "expired" }]);
    expect(await call()).toContain("needs a person's approval");
    const { body: again } = await rig.ask<{ id: string; state: string }[]>("GET", "/approvals");
    expect(again.map(({ state }) => state)).toEqual(["pending", "expired"]);
    // What was asked long ago is not decided about any more, and its arguments are forgotten.
    await rig.owner.query("update mcp_gateway.approval set asked_at = now() - interval '8 days'");
    expect((await rig.ask("POST", `/approvals/${again[0]?.id}`, { approve: true })).status).toBe(409);
    await rig.owner.query("select mcp_gateway.expire_approvals()");
    const { rows } = await rig.owner.query("select distinct state, arguments from mcp_gateway.approval");
    expect(rows).toEqual([{ state: "expired", arguments: null }]);
    expect(await call()).toContain("needs a person's approval");
  });

  it("whoever decides sees who asks and which rule held the call, and may allow the tool to that agent for good", async () => {
    const rig = await withReference();
    await rig.ask("PUT", "/rules", { server: "reference", tool: "test_*", effect: "approve" });
    const other = colleague(rig);
    const [one, another] = [await client(rig, { path }), await client(rig, { path, who: other })];
    const call = async (who: typeof one, given = {}) =>
      words(await who.callTool({ name: "test_simple_text", arguments: given }));
    await call(one);
    const { body } = await rig.ask<{ id: string; askedBy: string }[]>("GET", "/approvals");
    expect(body).toMatchObject([
      { rule: { server: "reference", tool: "test_*", role: null, person: null }, expiresAt: expect.any(String) },
    ]);
    expect(body[0]?.askedBy).toContain(String(rig.admin.identity.person));
    const decide = (given: object, who = rig.admin) => rig.ask("POST", `/approvals/${body[0]?.id}`, given, who);
    expect((await decide({ approve: false, always: true })).status).toBe(400);
    const lesser = colleague(rig, { scopes: ["mcp:approve"] });
    expect((await decide({ approve: true, always: true }, lesser)).status).toBe(403);
    expect((await decide({ approve: true, always: true })).status).toBe(200);
    expect(await call(one, { other: 1 })).toContain("simple text");
    expect(await call(another, { other: 1 })).toContain("needs a person's approval");
    const { body: rules } = await rig.ask<{ effect: string; agent: string | null }[]>("GET", "/rules");
    expect(rules.filter(({ agent }) => agent)).toMatchObject([{ effect: "allow", agent: body[0]?.askedBy }]);
  });

  it("a call that was denied says so, and its arguments are forgotten", async () => {
    const rig = await withReference();
    await rig.ask("PUT", "/rules", { tool: "*", effect: "approve" });
    const one = await client(rig, { path });
    const call = () => one.callTool({ name: "test_simple_text", arguments: { private: "words" } });
    await call();
    const { body } = await rig.ask<{ id: string }[]>("GET", "/approvals");
    await rig.ask("POST", `/approvals/${body[0]?.id}`, { approve: false });
    expect(words(await call())).toContain("denied");
    const { rows } = await rig.owner.query("select arguments from mcp_gateway.approval");
    expect(rows).toEqual([{ arguments: null }]);
  });
});
