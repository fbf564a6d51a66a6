import { deflateSync } from "node:zlib";
import { expect, test } from "vitest";
import type { SourceTold } from "../../../glue-services/knowledge/schemas.ts";
import { type Hub, startHub } from "./knowledge.ts";

const huge = "x".repeat(50 * 1024 * 1024);

async function send(hub: Hub, method: "POST" | "PUT" | "PATCH", path: string, payload: string | Buffer, type?: string) {
  const { statusCode, body } = await hub.app.inject({
    ...{ method, url: `/api/knowledge${path}`, payload },
    headers: { ...hub.me.headers, "content-type": type ?? "application/json" },
  });
  return { status: statusCode, body: JSON.parse(body) };
}

test("bodies of 50 MB are refused by every route before they are read", async () => {
  const hub = await startHub();
  const { id } = await hub.ask<{ id: string }>("POST", "/projects", { title: "Any" });
  for (const [method, path, payload] of [
    ["POST", "/sources", JSON.stringify({ kind: "site", address: huge })],
    ["POST", "/ask", JSON.stringify({ question: huge })],
    ["POST", "/projects", JSON.stringify({ title: huge })],
    ["POST", `/projects/${id}/documents`, JSON.stringify({ title: "x", content: huge })],
    ["POST", `/projects/${id}/tasks`, JSON.stringify({ title: "x", description: huge })],
    ["PUT", "/settings", JSON.stringify({ answerModel: huge })],
    ["PUT", "/files?name=a.txt", huge],
    ["POST", "/hooks/11111111-1111-4111-8111-111111111111", huge],
  ] as const) {
    const { status, body } = await send(hub, method, path, payload);
    expect([path, status, body.error.code]).toEqual([path, 413, "TOO_LARGE"]);
  }
  const long = await hub.app.inject({
    ...{ method: "GET", headers: hub.me.headers },
    url: `/api/knowledge/search?q=${"x".repeat(20_000)}`,
  });
  expect([400, 414]).toContain(long.statusCode);
});

test("what is no JSON, too deep, of another type or not asked for is told, and is no fault of ours", async () => {
  const hub = await startHub();
  for (const [payload, type] of [
    ["{", undefined],
    ["", undefined],
    ["[]", undefined],
    ["null", undefined],
    ['{"kind":"site"}', "application/xml"],
    ['{"kind":"site","address":"https://example.com/","more":1}', undefined],
    ['{"kind":"nothing","address":"https://example.com/"}', undefined],
    ['{"kind":"files","name":"a","__proto__":{"admin":true}}', undefined],
    [`{"kind":"files","name":${"[".repeat(50_000)}${"]".repeat(50_000)}}`, undefined],
  ] as const) {
    const { status } = await send(hub, "POST", "/sources", payload, type);
    expect([payload.slice(0, 60), status]).toEqual([payload.slice(0, 60), type ? 415 : 400]);
  }
  expect(await hub.ask("GET", "/sources")).toEqual([]);
});

test("a PDF that unpacks to half a gigabyte is given up, and the next file is read", async () => {
  const hub = await startHub({ reader: { memory: 200 } });
  // Packed twice, so that it is small.
  const packed = deflateSync(deflateSync(Buffer.alloc(512 * 1024 * 1024, "( ) Tj ")));
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>",
  ].map((text, at) => Buffer.from(`${at + 1} 0 obj ${text} endobj\n`));
  const stream = Buffer.concat([
    Buffer.from(`4 0 obj << /Length ${packed.length} /Filter [/FlateDecode /FlateDecode] >> stream\n`),
    packed,
    Buffer.from("\nendstream endobj\ntrailer << /Root 1 0 R /Size 5 >>\n%%EOF\n"),
  ]);
  const bomb = Buffer.concat([Buffer.from("%PDF-1.4\n"), ...objects, stream]);
  expect(bomb.length).toBeLessThan(2 * 1024 * 1024);
  const { id } = await hub.upload("bomb.pdf", bomb);
  const run = async () => (await hub.ask<SourceTold>("GET", `/sources/${id}`)).run;
  await expect.poll(async () => (await run())?.state, { timeout: 60_000 }).toBe("done");
  expect(await run()).toMatchObject({ failed: 1, read: 0, note: expect.stringContaining("more memory") });
  await hub.upload("next.txt", "The emu runs.");
  await expect.poll(async () => (await hub.hits("emu", { mode: "words" })).length, { timeout: 30_000 }).toBe(1);
});
