import { readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { processTable } from "../../../installer/supervisor/process-table.ts";
import { ready, testStack } from "./test-stack.ts";

test("200 restarts leave no descriptor, zombie or process behind", async () => {
  const stack = await testStack();
  const client = await stack.client();
  const { pid } = await client.version();
  const spec = stack.spec("restless", { command: ["sleep", "1000"] });
  const open = (): number => readdirSync(`/proc/${pid}/fd`).length;
  await client.put(spec);
  for (let n = 0; n < 5; n += 1) await client.restart("restless");
  const [before, memory] = [open(), (await client.version()).rss];
  for (let n = 0; n < 200; n += 1) {
    await client.restart("restless");
    if (n % 20 === 0) await ready(client, "restless");
  }
  await ready(client, "restless");
  expect(await stack.living("restless")).toHaveLength(1);
  expect(open()).toBeLessThanOrEqual(before + 3);
  expect((await client.version()).rss - memory).toBeLessThan(24 << 20);
  const children = (await processTable()).filter((row) => row.parent === pid);
  expect(children.filter((row) => row.zombie)).toEqual([]);
  expect(children).toHaveLength(1);
  await stack.dispose();
});
