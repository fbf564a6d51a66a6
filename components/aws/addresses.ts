/** How a VPC's addresses are shared out: three zones, in each a public, a private and an isolated subnet. */
export interface ZoneAddresses {
  /** For load balancers and NAT gateways. */
  public: string;
  /** For nodes and pods; with the VPC's own pod network each pod takes an address. */
  private: string;
  /** For databases: no way to the internet. */
  data: string;
}

/**
 * Each zone gets a quarter of the block; half of that is private, an eighth public and an eighth isolated. The rest is left
 * for subnets of the customer's own.
 *
 * @param block IPv4 block from /16 to /20, as `10.80.0.0/16`
 */
export function shareOut(block: string): [ZoneAddresses, ZoneAddresses, ZoneAddresses] {
  const [address = "", length = ""] = block.split("/");
  const prefix = Number(length);
  const first = toNumber(address);
  const size = 2 ** (32 - prefix);
  const zone = (index: number): ZoneAddresses => {
    const start = first + index * (size / 4);
    return {
      private: `${toAddress(start)}/${prefix + 3}`,
      public: `${toAddress(start + size / 8)}/${prefix + 5}`,
      data: `${toAddress(start + size / 8 + size / 32)}/${prefix + 5}`,
    };
  };
  return [zone(0), zone(1), zone(2)];
}

function toNumber(address: string): number {
  return address.split(".").reduce((sum, part) => sum * 256 + Number(part), 0);
}

function toAddress(value: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join(".");
}
