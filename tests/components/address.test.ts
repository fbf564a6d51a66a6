import { expect, test } from "vitest";
import { addressOf, hostAndPort } from "../../components/address.ts";
import { wholeNumbers } from "../seeded.ts";

test("an address reads back as the parts it was made of, for names, IPv4 and IPv6", () => {
  const random = wholeNumbers(9);
  const group = () => (random(3) === 0 ? "0" : random(65536).toString(16));
  const kinds = [
    () => `${"abcdefgh"[random(8)]}${random(1000)}.example.com`,
    () => [1 + random(223), random(256), random(256), random(256)].join("."),
    () => Array.from({ length: 8 }, group).join(":"),
    () => ["::1", "fe80::1", "2001:db8::8a2e:370:7334", "::ffff:10.0.0.1"][random(4)] ?? "::1",
  ];
  for (let turn = 0; turn < 10_000; turn++) {
    const host = kinds[random(kinds.length)]?.() ?? "";
    const port = 1 + random(65535);
    const scheme = random(2) === 0 ? "http" : "https";
    const url = new URL(addressOf({ scheme, host, port }));
    const literal = host.includes(":") ? new URL(`http://[${host}]`).hostname : host;
    const standard = port === (scheme === "https" ? 443 : 80);
    expect([url.protocol, url.hostname, url.port]).toEqual([`${scheme}:`, literal, standard ? "" : String(port)]);
    expect(new URL(`http://${hostAndPort(host, 8081)}`).host).toBe(`${literal}:8081`);
  }
});
