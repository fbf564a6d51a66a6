import { BlockList, isIP } from "node:net";

/** Everything that is not the public internet: IANA's special-purpose registries, and the clouds' metadata in them. */
const special = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
  // Alibaba's metadata service is at a public-looking address.
  "100.100.100.200/32",
  "::/128",
  "::1/128",
  "64:ff9b:1::/48",
  "100::/64",
  "2001::/23",
  "2001:db8::/32",
  "2002::/16",
  "3fff::/20",
  "5f00::/16",
  "fc00::/7",
  "fe80::/10",
  "fec0::/10",
  "ff00::/8",
];

const blocked = blockList(special);

/** Whether an address is none of the public internet's. */
export function isSpecial(address: string): boolean {
  const plain = unmapped(address);
  const family = isIP(plain);
  if (family === 0) return true;
  return blocked.check(plain, family === 4 ? "ipv4" : "ipv6");
}

/** An IPv4 address that is written as IPv6 (mapped, compatible, or translated by NAT64) as what it is. */
export function unmapped(address: string): string {
  const plain = address.replace(/^\[|\]$/g, "").replace(/%.*$/, "");
  const url = isIP(plain) === 6 ? new URL(`http://[${plain}]`).hostname.slice(1, -1) : plain;
  const match = /^(?:::ffff:|::|64:ff9b::)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(url);
  if (!match) return url;
  const [high, low] = [Number.parseInt(String(match[1]), 16), Number.parseInt(String(match[2]), 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join(".");
}

export function blockList(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [network = "", bits] = range.split("/");
    const family = isIP(network) === 4 ? "ipv4" : "ipv6";
    list.addSubnet(network, Number(bits ?? (family === "ipv4" ? 32 : 128)), family);
  }
  return list;
}
