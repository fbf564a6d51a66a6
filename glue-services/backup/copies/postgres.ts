import pg from "pg";
import type { CopyOf } from "../config.ts";

/** One file of a base backup: `base.tar`, `<oid>.tar` for a tablespace, `backup_manifest`. */
export interface Part {
  name: string;
  bytes: AsyncIterable<Buffer>;
}

/**
 * A base backup with the log it needs, over the protocol of replication (BASE_BACKUP, PostgreSQL 15 and later), as
 * pg_basebackup takes one. The server's own words for it: https://www.postgresql.org/docs/current/protocol-replication.html
 * Parts come one after another: read each to its end before the next.
 *
 * @throws Error when the server refuses, or ends before the backup does
 */
export async function* baseBackup(of: CopyOf<"postgres">, label: string): AsyncGenerator<Part> {
  const { host, port, user, password } = of;
  const options = { host, port, user, password, connectionTimeoutMillis: 30_000, keepAlive: true };
  const client = new pg.Client({ ...options, replication: "true" } as pg.ClientConfig);
  // A connection that breaks is told to the reader of the backup as well.
  client.on("error", () => {});
  await client.connect();
  try {
    const backup = new BaseBackup(label);
    client.query(backup);
    yield* backup.parts();
    await backup.ended;
  } finally {
    await client.end().catch(() => {});
  }
}

type Event = { kind: "part"; name: string } | { kind: "bytes"; bytes: Buffer } | { kind: "end"; error?: Error };

interface Stream {
  stream: { pause(): void; resume(): void };
}

/** The command in the shape that the client of PostgreSQL runs: it is called with each message of the server. */
class BaseBackup implements pg.Submittable {
  readonly ended: Promise<void>;
  #finish!: (error?: Error) => void;
  #connection: Stream | undefined;
  #events: Event[] = [];
  #waiting: (() => void) | undefined;
  #held = 0;
  readonly #label: string;

  constructor(label: string) {
    this.#label = label;
    this.ended = new Promise((resolve, reject) => {
      this.#finish = (error) => (error ? reject(error) : resolve());
    });
    // Whoever reads the parts hears of it too.
    this.ended.catch(() => {});
  }

  submit(connection: pg.Connection): void {
    this.#connection = connection as unknown as Stream;
    const label = this.#label.replaceAll("'", "''");
    const manifest = "MANIFEST 'yes', MANIFEST_CHECKSUMS 'SHA256'";
    connection.query(
      `BASE_BACKUP (LABEL '${label}', CHECKPOINT 'fast', WAL true, WAIT false, ${manifest}, TARGET 'client')`,
    );
  }

  /** One part after another, each with a stream of its own over the one connection. */
  async *parts(): AsyncGenerator<Part> {
    for (let event = await this.#next(); event.kind !== "end"; event = await this.#next()) {
      if (event.kind !== "part") throw new Error("the server sent bytes of no part");
      yield { name: event.name, bytes: this.#bytes() };
    }
  }

  async *#bytes(): AsyncGenerator<Buffer> {
    for (;;) {
      const event = await this.#next(false);
      if (event.kind !== "bytes") return;
      this.#take();
      yield event.bytes;
    }
  }

  /** The next event; whoever reads bytes leaves all others for who reads the parts. */
  async #next(take = true): Promise<Event> {
    while (this.#events.length === 0) {
      await new Promise<void>((resolve) => {
        this.#waiting = resolve;
      });
    }
    const event = this.#events[0] as Event;
    if (event.kind === "end" && event.error) throw event.error;
    if (take) this.#take();
    return event;
  }

  #take(): void {
    const event = this.#events.shift();
    if (event?.kind !== "bytes") return;
    this.#held -= event.bytes.length;
    if (this.#held < mostHeld / 2) this.#connection?.stream.resume();
  }

  #tell(event: Event): void {
    this.#events.push(event);
    this.#waiting?.();
    this.#waiting = undefined;
  }

  /** The first byte says what the rest is. */
  handleCopyData({ chunk }: { chunk: Buffer }): void {
    const rest = chunk.subarray(1);
    switch (String.fromCharCode(chunk[0] ?? 0)) {
      case "n":
        this.#tell({ kind: "part", name: rest.subarray(0, rest.indexOf(0)).toString("utf8") });
        break;
      case "m":
        this.#tell({ kind: "part", name: "backup_manifest" });
        break;
      case "d":
        // The client reads its next message into the same memory.
        this.#held += rest.length;
        this.#tell({ kind: "bytes", bytes: Buffer.from(rest) });
        if (this.#held > mostHeld) this.#connection?.stream.pause();
        break;
      default:
      // How far it is.
    }
  }

  handleError(error: Error): void {
    this.#tell({ kind: "end", error });
    this.#finish(error);
  }

  handleReadyForQuery(): void {
    this.#tell({ kind: "end" });
    this.#finish();
  }

  handleRowDescription(): void {}
  handleDataRow(): void {}
  handleCommandComplete(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
}

/** Bytes that wait to be read before the server is let wait. */
const mostHeld = 4 * 2 ** 20;
