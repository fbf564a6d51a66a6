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

test("strings with zero characters or half a surrogate pair, and versions that no document has, are no fault of ours, and what would be kept with a zero is refused", async () => {
  const hub = await startHub();
  const { id } = await hub.ask<{ id: string }>("POST", "/projects", { title: "Any" });
  const document = await hub.ask<{ id: string }>("POST", `/projects/${id}/documents`, { title: "Plan", content: "a" });
  const statuses: [string, number][] = [];
  for (const bad of ["a\0b", "a\ud800b", "\udc00"]) {
    for (const [method, path, body] of [
      ["POST", "/sources", { kind: "files", name: bad }],
      [
        "POST",
        "/sources",
        { kind: "site", address: `http://localhost:1/${encodeURIComponent("x")}`, settings: { include: [bad] } },
      ],
      ["POST", "/sources", { kind: "files", name: "x", tags: [bad] }],
      ["POST", "/projects", { title: bad }],
      ["POST", `/projects/${id}/documents`, { title: bad, content: bad }],
      ["POST", `/projects/${id}/tasks`, { title: "x", description: bad }],
      ["PATCH", `/documents/${document.id}`, { content: bad, version: 1 }],
      ["PUT", "/settings", { answerModel: bad }],
      ["POST", "/ask", { question: bad }],
    ] as const) {
      const { status } = await send(hub, method, path, JSON.stringify(body));
      statuses.push([`${method} ${path} ${JSON.stringify(bad)}`, status]);
    }
    const query = new URLSearchParams({ q: bad });
    statuses.push([`search ${JSON.stringify(bad)}`, (await hub.answer("GET", `/search?${query}`)).status]);
  }
  expect(statuses.filter(([, status]) => status >= 500)).toEqual([]);
  expect(
    statuses.filter(
      ([what, status]) => /sources|projects|documents|settings/.test(what) && what.includes("u0000") && status < 400,
    ),
  ).toEqual([]);
  for (const version of ["0", "-1", "99", "2147483648", "2515310285845", "1e3", "x"]) {
    const { status } = await hub.answer("POST", `/documents/${document.id}/versions/${version}/restore`);
    expect([version, [400, 404]]).toEqual([version, expect.arrayContaining([status])]);
    expect([400, 404]).toContain((await hub.answer("GET", `/documents/${document.id}/versions/${version}`)).status);
  }
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
  await expect.poll(async () => (await run())?.state).toBe("done");
  expect(await run()).toMatchObject({ failed: 1, read: 0, note: expect.stringContaining("more memory") });
  await hub.upload("next.txt", "The emu runs.");
  await expect.poll(async () => (await hub.hits("emu", { mode: "words" })).length).toBe(1);
});
