/** A message of JSON-RPC, as far as the bridge looks into it. */
interface Message {
  id?: string | number | null;
  method?: string;
  params?: { name?: unknown; uri?: unknown; protocolVersion?: unknown; _meta?: Record<string, unknown> };
  result?: { protocolVersion?: unknown };
}

export interface BridgeOptions {
  /** Address of the gateway, or of one server of it. */
  url: string;
  key: string;
  /** Lines of the client. */
  lines: AsyncIterable<string>;
  /** Writes one message to the client. */
  write(line: string): void;
  /** For people: standard error. */
  tell(text: string): void;
  signal: AbortSignal;
}

const versionKey = "io.modelcontextprotocol/protocolVersion";
/** Milliseconds until a stream that ended is opened again. */
const again = 1000;
/** Milliseconds between progress and the answer after it: clients that read both at once forget the progress. */
const apart = 20;

/**
 * Speaks to an editor over standard input and output, and to the gateway over HTTP, in whichever protocol the editor
 * speaks. Ends when the editor closes its side; what is under way is given up then, and the session with it.
 */
export async function bridge({ url, key, lines, write, tell, signal }: BridgeOptions): Promise<void> {
  const over = new AbortController();
  const ends = AbortSignal.any([signal, over.signal]);
  let session: string | undefined;
  let version: string | undefined;
  const underWay = new Set<Promise<void>>();
  try {
    for await (const line of lines) {
      if (line.trim() === "") continue;
      const message = parse(line);
      if (!message) {
        write(failure(null, -32700, "This is not a message of JSON-RPC."));
        continue;
      }
      const sending = send(line, message);
      underWay.add(sending);
      void sending.finally(() => underWay.delete(sending));
      // The session's id comes with its answer, and what follows needs it.
      if (message.method === "initialize") await sending;
    }
    // A client that closes its side at once still gets what it asked for.
    await Promise.race([Promise.all(underWay), new Promise((resolve) => setTimeout(resolve, 2000).unref())]);
  } finally {
    if (session) await end();
    over.abort();
  }

  async function send(body: string, message: Message): Promise<void> {
    try {
      const answer = await fetch(url, { method: "POST", headers: headersFor(message), body, signal: ends });
      if (message.method === "initialize") session = answer.headers.get("mcp-session-id") ?? undefined;
      await take(answer, message);
      if (message.method === "notifications/initialized" && session) void listen();
    } catch (error) {
      if (ends.aborted || message.id === undefined || message.method === undefined) return;
      write(failure(message.id, -32000, `The platform does not answer: ${reasonOf(error)}`));
    }
  }

  /** Passes an answer on, whole or as it comes. */
  async function take(answer: Response, message: Message): Promise<void> {
    if (answer.headers.get("content-type")?.startsWith("text/event-stream")) {
      let told = Number.NEGATIVE_INFINITY;
      for await (const data of eventsOf(answer)) {
        if (parse(data)?.method !== undefined) told = performance.now();
        else if (performance.now() - told < apart) await new Promise((resolve) => setTimeout(resolve, apart));
        pass(data, message);
      }
      return;
    }
    const text = await answer.text();
    const said = parse(text);
    if (said && (said.id === message.id || Array.isArray(said))) return pass(text, message);
    if (answer.ok || message.id === undefined || message.method === undefined) return;
    // An error of the gateway itself, which does not know the question's id.
    const { error } = (said ?? {}) as { error?: { code?: number; message?: string } };
    const words = error?.message ?? `HTTP ${answer.status}`;
    if (answer.status === 401 || answer.status === 403) tell(`${words}\n`);
    write(failure(message.id, error?.code ?? -32000, words));
  }

  function pass(data: string, question: Message): void {
    const message = parse(data);
    if (!message) return;
    if (question.method === "initialize" && message.id === question.id) {
      version = typeof message.result?.protocolVersion === "string" ? message.result.protocolVersion : version;
    }
    write(JSON.stringify(message));
  }

  /** What the gateway says by itself, as long as the session is. */
  async function listen(): Promise<void> {
    while (!ends.aborted && session) {
      try {
        const answer = await fetch(url, { headers: { ...headersFor({}), accept: "text/event-stream" }, signal: ends });
        if (!answer.ok) return;
        for await (const data of eventsOf(answer)) pass(data, {});
      } catch {
        // The connection was lost, or the bridge ends.
      }
      await new Promise((resolve) => setTimeout(resolve, again).unref());
    }
  }

  async function end(): Promise<void> {
    const headers = headersFor({});
    await fetch(url, { method: "DELETE", headers, signal: AbortSignal.timeout(2000) }).catch(() => {});
  }

  function headersFor({ method, params }: Message): Record<string, string> {
    const modern = params?._meta?.[versionKey];
    const target = params?.name ?? params?.uri;
    return {
      authorization: `Bearer ${key}`,
      accept: "application/json, text/event-stream",
      "content-type": "application/json",
      ...(typeof modern === "string"
        ? {
            "mcp-protocol-version": modern,
            ...(method && { "mcp-method": method }),
            ...(typeof target === "string" && { "mcp-name": encoded(target) }),
          }
        : version && { "mcp-protocol-version": version }),
      ...(session && { "mcp-session-id": session }),
    };
  }
}

/** Headers carry ASCII; the protocol has its own form for the rest. */
function encoded(value: string): string {
  return /^[\x20-\x7e]*$/.test(value) && value.trim() === value
    ? value
    : `=?base64?${Buffer.from(value).toString("base64")}?=`;
}

async function* eventsOf(answer: Response): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let pending = "";
  for await (const piece of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    pending += decoder.decode(piece, { stream: true });
    const events = pending.split(/\r?\n\r?\n/);
    pending = events.pop() ?? "";
    for (const event of events) {
      const data = event
        .split(/\r?\n/)
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trimStart())
        .join("\n");
      if (data) yield data;
    }
  }
}

function parse(text: string): Message | undefined {
  try {
    const message = JSON.parse(text) as unknown;
    return typeof message === "object" && message !== null ? (message as Message) : undefined;
  } catch {
    return undefined;
  }
}

function failure(id: Message["id"], code: number, message: string): string {
  return JSON.stringify({ jsonrpc: "2.0", id: id ?? null, error: { code, message } });
}

function reasonOf(error: unknown): string {
  const { cause, message } = error as Error & { cause?: Error };
  return cause?.message ?? message;
}
