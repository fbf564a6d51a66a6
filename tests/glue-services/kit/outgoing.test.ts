import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Agent, request } from "undici";
import { expect, onTestFinished, test } from "vitest";
import { allowed, isPrivateHost, publicOnly } from "../../../glue-services/kit/index.ts";

test.each([
  ["this machine", ["127.0.0.1", "127.9.9.9", "0.0.0.0", "::1", "::", "localhost", "LOCALHOST.", "a.localhost"]],
  ["private networks", ["10.0.0.1", "172.31.0.1", "192.168.1.1", "100.64.0.1", "fc00::1", "fd12::1", "nas.local"]],
  ["metadata of clouds", ["169.254.169.254", "100.100.100.200", "fe80::a9fe:a9fe", "metadata.google.internal"]],
  ["what is IPv4 in IPv6", ["::ffff:127.0.0.1", "::ffff:7f00:1", "[::ffff:10.0.0.1]", "64:ff9b::a00:1", "::7f00:1"]],
  [
    "what is used for nothing else",
    ["192.0.2.1", "198.18.0.1", "203.0.113.9", "224.0.0.1", "255.255.255.255", "2001:db8::1"],
  ],
])("%s is no public address, in every spelling", (_what, hosts) => {
  for (const host of hosts) expect([host, isPrivateHost(host)]).toEqual([host, true]);
});

test("public addresses and names are, also those that look a little private", () => {
  const hosts = [
    "1.1.1.1",
    "172.32.0.1",
    "100.128.0.1",
    "2606:4700::1111",
    "example.com",
    "localhost.example.com",
    "10.example",
  ];
  for (const host of hosts) expect([host, isPrivateHost(host)]).toEqual([host, false]);
});

test("a connection for strangers reaches this machine by no name and no number", async () => {
  let asked = 0;
  const server = createServer((_request, response) => {
    asked++;
    response.end("secret");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const dispatcher = new Agent({ connect: publicOnly({ timeout: 2000 }) });
  onTestFinished(() => dispatcher.destroy());
  for (const host of ["127.0.0.1", "localhost", "[::1]", "[::ffff:127.0.0.1]", "0x7f.1", "2130706433"]) {
    await expect(request(`http://${host}:${port}/`, { dispatcher }), host).rejects.toThrow(/not a public address/);
  }
  expect(asked).toBe(0);
});

test("what is allowed is a name, all below one, an address or a range, each with a port or without", () => {
  const { connect } = allowed([
    "wiki.test",
    "*.docs.test",
    "10.1.0.0/16",
    "[fd00::]/8",
    "localhost:8080",
    "10.9.9.9:443",
  ]);
  const cases: [string, number, string, boolean][] = [
    ["example.com", 80, "93.184.216.34", true],
    ["wiki.test", 80, "10.0.0.1", true],
    ["evil.wiki.test", 80, "10.0.0.1", false],
    ["a.docs.test", 443, "192.168.0.1", true],
    ["docs.test", 443, "192.168.0.1", false],
    ["any.test", 80, "10.1.2.3", true],
    ["any.test", 80, "10.2.2.3", false],
    ["any.test", 80, "::ffff:10.1.2.3", true],
    ["any.test", 80, "fd12::1", true],
    ["localhost", 8080, "127.0.0.1", true],
    ["localhost", 8081, "127.0.0.1", false],
    ["any.test", 443, "10.9.9.9", true],
    ["any.test", 80, "10.9.9.9", false],
  ];
  for (const [host, port, address, may] of cases) {
    expect([host, port, address, connect(host, port, address)]).toEqual([host, port, address, may]);
  }
  for (const entry of ["10.1.0.0/33", "wiki.test/8", "a b", "", "[fd00::]/129"]) {
    expect(() => allowed([entry]), entry).toThrow();
  }
});
