import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { describe, expect, it } from "vitest";
import { declared } from "../../installer/declared/declared.ts";
import { dockerMemory } from "../../installer/preflight/checks/docker.ts";
import type { CheckInput } from "../../installer/preflight/index.ts";
import { memoryOf, profiles, resolveSettings } from "../../stacks/config/index.ts";
import { profileNames } from "../../stacks/config/schema.ts";
import { servicesFile } from "./services-file.ts";

/** Limits of an appliance's containers by their components, in MiB, from what its program declares. */
async function limitsOf(flags: Record<string, unknown>): Promise<Record<string, number>> {
  const { settings } = resolveSettings({ flags: { "stack.kind": "onprem", ...flags }, env: {}, cwd: "/" });
  const { goals, errors } = await declared(settings);
  expect(errors).toEqual([]);
  const sums: Record<string, number> = {};
  for (const { type, inputs } of goals) {
    if (type !== "docker:index/container:Container") continue;
    const labels = inputs.labels as { label: string; value: string }[];
    const component = labels.find(({ label }) => label === "dev.devflow.component")?.value ?? "";
    sums[component] = (sums[component] ?? 0) + Number(inputs.memory);
  }
  return sums;
}

const sum = (limits: Record<string, number>) => Object.values(limits).reduce((all, one) => all + one, 0);

describe.each(profileNames)("an appliance of profile %s", (profile) => {
  it("has limits that together stay below what the profile says, and not far below", async () => {
    const stated = profiles()[profile].memory.limit.onprem;
    const all = sum(await limitsOf({ profile }));
    expect(all).toBeLessThanOrEqual(stated);
    expect(all).toBeGreaterThan(stated * 0.9);
  });

  it("gives each component more than it is expected to take, so that none is killed in everyday use", async () => {
    const limits = await limitsOf({ profile });
    const { settings } = resolveSettings({ flags: { profile, "stack.kind": "onprem" }, env: {}, cwd: "/" });
    const { components } = memoryOf(settings);
    // The model works in a process of the platform's own container.
    const { embeddings = 0, ...others } = components;
    const expected: Record<string, number> = { ...others, platform: (others.platform ?? 0) + embeddings };
    for (const [name, memory] of Object.entries(expected)) {
      expect([name, (limits[name] ?? 0) >= memory * 1.1]).toEqual([name, true]);
    }
    expect(Object.keys(limits).sort()).toEqual(Object.keys(expected).sort());
  });

  it("is compared by preflight with what the engine has, by the very sum of its containers' limits", async () => {
    const all = sum(await limitsOf({ profile }));
    const found = async (total: number) => {
      await using engine = await engineWith(total);
      const flags = { profile, "stack.kind": "onprem", "docker.host": engine.host };
      const { settings } = resolveSettings({ flags, env: {}, cwd: "/" });
      const input = { settings, facts: { env: {} } } as unknown as CheckInput;
      return await dockerMemory.run(input, AbortSignal.timeout(300_000));
    };
    const [enough, short] = [await found(all + 512), await found(all + 511)];
    expect(enough).toMatchObject({ status: "ok", data: { sum: all * 2 ** 20 } });
    expect(short).toMatchObject({ status: "warn", fix: expect.stringContaining("Give the machine more memory") });
  });
});

it("a program's own limit of memory stays below that of its container", async () => {
  for (const profile of profileNames) {
    const { settings } = resolveSettings({ flags: { profile, "stack.kind": "onprem" }, env: {}, cwd: "/" });
    const { goals } = await declared(settings);
    const own = goals.flatMap(({ type, name, inputs }) => {
      const word = /GOMEMLIMIT=(\d+)MiB/.exec(String(type === "docker:index/container:Container" && inputs.envs))?.[1];
      return word === undefined ? [] : [{ name, own: Number(word), limit: Number(inputs.memory) }];
    });
    if (profile !== "minimal") expect(own.map(({ name }) => name)).toContain("code");
    expect(own.filter((one) => one.own >= one.limit)).toEqual([]);
  }
});

it("the platform's container holds its heap and all that reading files may take beside it, whatever the heap is", async () => {
  for (const maxOldSpace of [128, 192, 256, 1024, 4096]) {
    const flags = { profile: "minimal", "stack.kind": "onprem", "sizing.platform.maxOldSpace": maxOldSpace };
    const { settings } = resolveSettings({ flags, env: {}, cwd: "/" });
    const { goals } = await declared(settings);
    const inputs = goals.find(
      ({ type, name }) => type === "docker:index/container:Container" && name === "platform",
    )?.inputs;
    const reading = Number(servicesFile(goals).resources.readingMemory);
    expect(reading).toBe(maxOldSpace > 512 ? 928 : 672);
    expect(Number(inputs?.memory)).toBeGreaterThanOrEqual(maxOldSpace + 192 + reading);
  }
});

/** An engine with so many MiB, as far as the check asks it. */
async function engineWith(total: number): Promise<AsyncDisposable & { host: string }> {
  const server = createServer((_request, response) => {
    response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ MemTotal: total * 2 ** 20 }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    host: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}
