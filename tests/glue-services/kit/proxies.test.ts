import { describe, expect, test } from "vitest";
import { buildApp, isRange, type Proxies } from "../../../glue-services/kit/index.ts";

const client = "203.0.113.5";

/** What an app takes for the client when `peer` connects and says `forwarded`. */
async function seen(
  proxies: Proxies | undefined,
  peer: string,
  forwarded: string = client,
  forwardedHost = "devflow.example",
) {
  const app = await buildApp({
    version: "1",
    logLevel: "silent",
    hosts: ["devflow.example"],
    ...(proxies && { proxies }),
  });
  app.get("/", { auth: "public" }, async ({ ip, protocol, host }) => ({ ip, protocol, host }));
  const headers = { "x-forwarded-for": forwarded, "x-forwarded-proto": "https", "x-forwarded-host": forwardedHost };
  const answer = await app.inject({ url: "/", remoteAddress: peer, headers: { host: "inner:4401", ...headers } });
  await app.close();
  return answer.json() as { ip: string; protocol: string; host: string };
}

const told = { ip: client, protocol: "https", host: "devflow.example" };

describe("the word about a client", () => {
  test.each<[string, Proxies | undefined, string]>([
    ["a proxy on this machine", undefined, "127.0.0.1"],
    ["a proxy on this machine, as IPv6 writes it", undefined, "::ffff:127.0.0.1"],
    ["a container that is known by its address", { nearest: ["172.18.0.5"] }, "172.18.0.5"],
    ["a container that is known by its name", { nearest: ["localhost"] }, "127.0.0.1"],
    ["a pod of a range", { nearest: ["10.42.0.0/16"] }, "10.42.0.9"],
    ["a load balancer of a range", { nearest: ["10.80.0.0/16"] }, "10.80.3.4"],
    ["a peer of an IPv6 range", { nearest: ["fd00::/8"] }, "fd00:1::9"],
  ])("of %s counts", async (_what, proxies, peer) => {
    expect(await seen(proxies, peer)).toEqual(told);
  });

  test.each<[string, Proxies | undefined, string]>([
    ["another container", { nearest: ["172.18.0.5"] }, "172.18.0.6"],
    ["somebody who is in no range", { nearest: ["10.42.0.0/16"] }, "192.0.2.1"],
    ["another machine where nothing is set", undefined, "172.18.0.5"],
    ["an outer proxy that connects itself", { nearest: ["127.0.0.1"], outer: ["10.0.0.7"] }, "10.0.0.7"],
    ["a name that is not found", { nearest: ["proxy.invalid"] }, "127.0.0.1"],
  ])("of %s does not", async (_what, proxies, peer) => {
    expect(await seen(proxies, peer)).toEqual({ ip: peer, protocol: "http", host: "inner:4401" });
  });

  test("is taken from the last one that nobody trusted speaks for, whatever the client itself claims", async () => {
    const proxies = { nearest: ["172.18.0.5"], outer: ["10.0.0.7", "10.1.0.0/16"] };
    const ip = async (forwarded: string, given: Proxies = proxies) => (await seen(given, "172.18.0.5", forwarded)).ip;
    expect(await ip(`1.1.1.1, ${client}, 10.1.2.3, 10.0.0.7`)).toBe(client);
    expect(await ip(`1.1.1.1, ${client}`)).toBe(client);
    // One of the range that the front door is in is no proxy for that.
    expect(await ip("1.1.1.1, 172.18.0.9")).toBe("172.18.0.9");
    expect(await ip("1.1.1.1, 10.9.9.9", { nearest: ["172.16.0.0/12", "10.0.0.0/8"] })).toBe("10.9.9.9");
  });

  test("names a host of the platform or none, since load balancers hand on what the client wrote", async () => {
    const proxies = { nearest: ["10.80.0.0/16"] };
    const host = async (named: string) => (await seen(proxies, "10.80.3.4", client, named)).host;
    expect(await host("devflow.example")).toBe("devflow.example");
    for (const other of ["evil.example", "devflow.example.evil.example", "devflow.example, evil.example", "", "["]) {
      expect(await host(other), other).toBe("inner:4401");
    }
  });

  test("is trusted to an address or a range, and never to everybody", () => {
    for (const good of ["10.0.0.7", "10.0.0.0/8", "fd00::/8", "::1", "192.0.2.1/32"]) expect(isRange(good)).toBe(true);
    for (const bad of ["0.0.0.0/0", "::/0", "true", "*", "10.0.0.0/33", "10.0.0/8", "fd00::/129", "a.example", ""]) {
      expect(isRange(bad)).toBe(false);
    }
  });
});
