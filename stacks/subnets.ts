/** Those that are confined on an appliance, each at its place in the subnet: append only, a place keeps its addresses. */
const places = [
  ...["alone", "platform", "runner", "runtime-db", "runtime-functions", "runtime-pictures", "uptime"],
  ...["runtime-functions-to-runtime-db"],
];

/** Addresses of a share, its own and the broadcast's among them. */
const size = 32;

/**
 * The share of each confined network in a subnet; none without a subnet.
 *
 * @example shares("10.201.2.0/23")("platform") → "10.201.2.32/27"
 */
export function shares(subnet: string | undefined): (workload: string) => string | undefined {
  return (workload) => {
    const place = places.indexOf(workload);
    const [address] = subnet?.split("/") ?? [];
    if (address === undefined || place === -1) return undefined;
    const first = address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0) + place * size;
    return `${[24, 16, 8, 0].map((bits) => Math.floor(first / 2 ** bits) % 256).join(".")}/27`;
  };
}
