import type { Client, McpSubscription } from "@modelcontextprotocol/client";

/** What a server is asked to say by itself, in the way of the protocol that it speaks. */
export interface Notices {
  /** That its lists change, and exactly these resources. @throws as the server answers */
  follow(uris: readonly string[]): Promise<void>;
  /** The server ended what it was to say, though the connection may still work. */
  ended(): boolean;
  close(): void;
}

/** @param onEnd called when the server ended it */
export function noticesOf(client: Client, onEnd: () => void): Notices {
  const followed = new Set<string>();
  let listening: McpSubscription | undefined;
  let ended = false;
  let one = Promise.resolve();
  return {
    follow(uris) {
      const turn = one.then(() => (client.getProtocolEra() === "modern" ? listen(uris) : subscribe(uris)));
      one = turn.catch(() => {});
      return turn;
    },
    ended: () => ended,
    close() {
      void listening?.close().catch(() => {});
      listening = undefined;
    },
  };

  /** Since 2026 it is one stream, which is opened anew when something else is to be heard. */
  async function listen(uris: readonly string[]): Promise<void> {
    if (listening && !ended && same(uris)) return;
    const { tools, prompts, resources } = client.getServerCapabilities() ?? {};
    const filter = {
      ...(tools?.listChanged && { toolsListChanged: true }),
      ...(prompts?.listChanged && { promptsListChanged: true }),
      ...(resources?.listChanged && { resourcesListChanged: true }),
      ...(uris.length > 0 && { resourceSubscriptions: [...uris] }),
    };
    const former = listening;
    const next = Object.keys(filter).length > 0 ? await client.listen(filter) : undefined;
    listening = next;
    ended = false;
    remember(uris);
    void former?.close().catch(() => {});
    void next?.closed.then((by) => {
      if (by === "local" || listening !== next) return;
      ended = true;
      onEnd();
    });
  }

  /** Before, a server said of its lists what it liked, and of a resource after it was asked to. */
  async function subscribe(uris: readonly string[]): Promise<void> {
    const wanted = new Set(uris);
    for (const uri of wanted) if (!followed.has(uri)) await client.subscribeResource({ uri });
    for (const uri of followed) if (!wanted.has(uri)) await client.unsubscribeResource({ uri });
    remember(uris);
  }

  function same(uris: readonly string[]): boolean {
    return uris.length === followed.size && uris.every((uri) => followed.has(uri));
  }

  function remember(uris: readonly string[]): void {
    followed.clear();
    for (const uri of uris) followed.add(uri);
  }
}
