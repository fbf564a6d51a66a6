import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { onTestFinished } from "vitest";
import { vault } from "./vault.ts";

/** Parts of the documented API of 1Password Connect (vaults, items, filters, bearer tokens), over real HTTP. */
export async function connectServer(
  token: string,
  /** Answers nothing before this is settled. */
  { answers }: { answers?: Promise<void> } = {},
): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://localhost");
    asked.push(pathname);
    await answers;
    const answer = (status: number, body: unknown) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
    if (request.headers.authorization !== `Bearer ${token}`) {
      return answer(401, { status: 401, message: `Invalid token ${request.headers.authorization}` });
    }
    const wanted = (by: string) =>
      new RegExp(`^${by} eq "(.*)"$`).exec(searchParams.get("filter") ?? "")?.[1]?.replaceAll(/\\(.)/g, "$1");
    const items = `/v1/vaults/${vault.id}/items`;
    if (pathname === "/v1/vaults") {
      return answer(200, wanted("name") === vault.name ? [{ id: vault.id, name: vault.name }] : []);
    }
    if (pathname === items) {
      const found = vault.items.filter(({ title }) => title === wanted("title"));
      return answer(
        200,
        found.map(({ id, title }) => ({ id, title, vault: { id: vault.id } })),
      );
    }
    const item = vault.items.find(({ id }) => pathname === `${items}/${id}`);
    return item ? answer(200, item) : answer(404, { status: 404, message: "item not found" });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}
