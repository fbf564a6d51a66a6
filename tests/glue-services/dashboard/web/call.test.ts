import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test, vi } from "vitest";
import { call } from "../../../../glue-services/dashboard/web/src/api/call.ts";

/** A platform with one session; `replace` answers when the test lets it, though the former session has ended by then. */
async function platform() {
  let session = "former";
  let cookie = "former";
  const held: ServerResponse[] = [];
  const refused: string[] = [];
  const server = createServer(({ url = "", headers }, response) => {
    if (headers.cookie !== session) {
      refused.push(url);
      return response.writeHead(401).end();
    }
    if (url !== "/replace") return response.end(JSON.stringify({ session }));
    session = "next";
    held.push(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
    vi.unstubAllGlobals();
  });
  const { port } = server.address() as AddressInfo;
  const ask = globalThis.fetch;
  // What a browser does of itself: the page's address, and cookies.
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    const answer = await ask(`http://127.0.0.1:${port}${path}`, { ...init, headers: { ...init.headers, cookie } });
    cookie = answer.headers.get("x-cookie") ?? cookie;
    return answer;
  });
  const end = () => {
    session = "nobody's";
  };
  const answer = () => void held.shift()?.writeHead(200, { "x-cookie": "next" }).end("{}");
  return { refused, held, answer, end };
}

test("what is asked while the session is replaced by another is asked again with that, and no sign-out", async () => {
  const { refused, held, answer } = await platform();
  const replacing = call("/replace", { method: "POST", replacesSession: true });
  await expect.poll(() => held.length).toBe(1);
  const asked = call("/me");
  await expect.poll(() => refused).toEqual(["/me"]);
  answer();
  await replacing;
  expect(await asked).toEqual({ session: "next" });
});

test("a session that ended, and that nothing replaced, is told once", async () => {
  const { refused, end } = await platform();
  expect(await call("/me")).toEqual({ session: "former" });
  end();
  await expect(call("/me")).rejects.toMatchObject({ status: 401 });
  expect(refused).toEqual(["/me"]);
});
