import { describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import type { Evaluation } from "../../installer/engine/index.ts";
import { exampleSettings } from "../../installer/pulumi/examples.ts";
import { resolveSettings, type Settings } from "../../stacks/config/index.ts";

const outer = 'network.trustedProxies=["203.0.113.80","198.51.100.0/24"]';

function settingsOf(kind: "local" | "onprem" | "saas" | "dedicated", set: string[]): Settings {
  if (kind === "saas" || kind === "dedicated") return exampleSettings(kind, set);
  return resolveSettings({ flags: { "stack.name": "box", "stack.kind": kind }, set, user: "ada" }).settings;
}

/** Each value of a variable that a program's environment holds, in whatever form the engine wants it. */
function environment({ goals }: Evaluation, variable: string): string[] {
  const found = new Set<string>();
  const look = (value: unknown): void => {
    if (typeof value === "string") {
      if (value.startsWith(`${variable}=`)) found.add(value.slice(variable.length + 1));
      for (const line of value.split("\n")) {
        if (line.startsWith(`${variable} = `)) found.add(line.slice(variable.length + 3));
      }
      return;
    }
    if (Array.isArray(value)) {
      value.forEach(look);
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const record = value as Record<string, unknown>;
    if (record.name === variable && typeof record.value === "string") found.add(record.value);
    if (typeof record[variable] === "string") found.add(record[variable]);
    Object.values(record).forEach(look);
  };
  for (const { inputs } of goals) look(inputs);
  return [...found];
}

const containers = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"];

describe("whose word about a client counts", () => {
  it.each([
    ["local", [], ["127.0.0.0/8,::1"], "127.0.0.0/8,::1"],
    ["onprem", [], ["proxy"], containers.join(",")],
    ["saas", ['kubernetes.ingress.addresses=["10.42.0.0/16"]'], ["10.42.0.0/16"], "10.42.0.0/16"],
    // Blocks of the three public subnets of 10.80.0.0/16, and nothing else of the network.
    ["dedicated", [], ["10.80.32.0/21,10.80.96.0/21,10.80.160.0/21"], "127.0.0.0/8,::1/128"],
  ] as const)(
    "in a stack of kind %s is that of its own front door, and of proxies that are named",
    async (kind, set, nearest, code) => {
      const plain = await declared(settingsOf(kind, [...set]));
      expect(plain.errors).toEqual([]);
      expect(environment(plain, "DEVFLOW_FRONT_DOOR")).toEqual(nearest);
      expect(environment(plain, "DEVFLOW_TRUSTED_PROXIES")).toEqual([]);
      expect(environment(plain, "REVERSE_PROXY_TRUSTED_PROXIES")).toEqual([code]);
      expect(environment(plain, "REVERSE_PROXY_LIMIT")).toEqual(["1"]);

      const named = await declared(settingsOf(kind, [...set, outer]));
      expect(named.errors).toEqual([]);
      expect(environment(named, "DEVFLOW_FRONT_DOOR")).toEqual(nearest);
      expect(environment(named, "DEVFLOW_TRUSTED_PROXIES")).toEqual(["203.0.113.80,198.51.100.0/24"]);
      if (kind === "dedicated") return;
      expect(environment(named, "REVERSE_PROXY_TRUSTED_PROXIES")).toEqual([`${code},203.0.113.80,198.51.100.0/24`]);
      expect(environment(named, "REVERSE_PROXY_LIMIT")).toEqual(["3"]);
    },
    60_000,
  );

  it.each(["0.0.0.0/0", "::/0", "*", "everybody"])("is never %s's, whatever the settings say", (everybody) => {
    expect(() => settingsOf("onprem", [`network.trustedProxies=["${everybody}"]`])).toThrow(/trustedProxies/);
    expect(() => settingsOf("saas", [`kubernetes.ingress.addresses=["${everybody}"]`])).toThrow(/addresses/);
  });
});
