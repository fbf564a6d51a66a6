import { expect, test } from "vitest";
import { provider, startGateway } from "./gateway.ts";
import { json, startUpstream } from "./upstream.ts";

test("a server that hangs when it is asked for its models is waited for once, and its list is there when it answers again", async () => {
  let hangs = true;
  const upstream = await startUpstream((_got, response) => {
    if (!hangs) json(response, 200, { data: [{ id: "late" }] });
  });
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const names = async () => {
    const { data } = await rig.ask<{ data: { id: string }[] }>("GET", "/models");
    return data.map(({ id }) => id);
  };
  expect(await names()).not.toContain("mock/late");
  // Whoever asks next is answered while the server still has the first question, or a second one.
  for (let at = 0; at < 3; at++) {
    const answered = names();
    expect(await answered).not.toContain("mock/late");
  }
  expect(upstream.got.length).toBeLessThanOrEqual(2);
  hangs = false;
  await expect.poll(names, { interval: 100 }).toContain("mock/late");
});

test("a server that refuses to list its models is asked anew each time, so that what is mended counts at once", async () => {
  let there = false;
  const upstream = await startUpstream((_got, response) =>
    there ? json(response, 200, { data: [{ id: "mended" }] }) : json(response, 500, { error: "no" }),
  );
  const rig = await startGateway({ providers: [provider(upstream.url)] });
  const list = () => rig.ask<{ data: { id: string }[] }>("GET", "/models");
  expect(JSON.stringify(await list())).not.toContain("mock/mended");
  there = true;
  expect(JSON.stringify(await list())).toContain("mock/mended");
});
