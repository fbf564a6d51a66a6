import { Value } from "typebox/value";
import { expect, it } from "vitest";
import type { ResourceProvider } from "../../../components/provider/provider.ts";
import type { TestHost } from "../host.ts";

export interface Case<Inputs extends object> {
  /** Name of the resource, for the titles. */
  resource: string;
  host: () => TestHost;
  inputs: () => Inputs | Promise<Inputs>;
  /** The same with a change that can be made in place. */
  changed?: (inputs: Inputs) => Inputs;
  /** True where deleting keeps what was made, since data or other stacks need it. */
  keeps?: boolean;
}

/** What every provider promises: each effect may come again, after a crash at any point. */
export function testProvider<Inputs extends object, Outputs extends object>(
  provider: ResourceProvider<Inputs, Outputs>,
  { resource, host, inputs, changed, keeps = false }: Case<Inputs>,
): void {
  it(`${resource}: creating twice makes one`, async () => {
    const given = await inputs();
    const context = host().context("one");
    expect(Value.Check(provider.inputs, given)).toBe(true);
    const first = await provider.create(given, context);
    const second = await provider.create(given, context);
    expect(second).toEqual(first);
    expect(first.outputs).toMatchObject(provider.preview?.(given, context) ?? {});
    if (provider.read) expect(await provider.read(first.id, given, first.outputs, context)).toEqual(first.outputs);
  });

  it(`${resource}: a change in place may come twice`, async () => {
    const before = await inputs();
    const after = changed?.(before) ?? before;
    const context = host().context("one");
    const old = await provider.create(before, context);
    const update = () => provider.update?.(old.id, after, { inputs: before, outputs: old.outputs }, context);
    const outputs = await update();
    expect(await update()).toEqual(outputs);
    if (outputs && provider.read) expect(await provider.read(old.id, after, outputs, context)).toEqual(outputs);
  });

  it(`${resource}: what is deleted is gone, and may be deleted again`, async () => {
    const given = await inputs();
    const context = host().context("one");
    const { id, outputs } = await provider.create(given, context);
    await provider.delete(id, given, outputs, context);
    await provider.delete(id, given, outputs, context);
    if (provider.read && !keeps) expect(await provider.read(id, given, outputs, context)).toBeUndefined();
  });
}
