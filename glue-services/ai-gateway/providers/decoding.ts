import type { Transform } from "node:stream";
import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from "node:zlib";

/** An answer's bytes as they were before a server compressed them. */
export interface Decoding {
  write(chunk: Buffer): void;
  /** All bytes are there. */
  end(): void;
  stop(): void;
  pause(): void;
  resume(): void;
}

interface Decoded {
  data(chunk: Buffer): void;
  end(): void;
  failed(error: Error): void;
}

/** Undefined for an answer that is not compressed, which is what the gateway asks for. */
export function decodingOf(encoding: string | string[] | undefined, decoded: Decoded): Decoding | undefined {
  const names = String(encoding ?? "")
    .toLowerCase()
    .split(",")
    .map((name) => name.trim())
    .filter((name) => name !== "" && name !== "identity");
  if (names.length === 0) return undefined;
  let stages: Transform[] | undefined;
  let over = false;
  let paused = false;
  return {
    write(chunk) {
      if (over) return;
      stages ??= open(chunk);
      stages?.[0]?.write(chunk);
    },
    end() {
      if (over) return;
      if (stages) stages[0]?.end();
      else decoded.end();
    },
    stop,
    pause() {
      paused = true;
      stages?.at(-1)?.pause();
    },
    resume() {
      paused = false;
      stages?.at(-1)?.resume();
    },
  };

  /** The last encoding that was applied is undone first. */
  function open(first: Buffer): Transform[] | undefined {
    const opened = names.toReversed().map((name) => decoderOf(name, first));
    const known = opened.filter((one) => one !== undefined);
    if (known.length < opened.length) {
      over = true;
      decoded.failed(new Error(`its content encoding ${names.join(", ")} is not known`));
      return undefined;
    }
    for (const [at, stage] of known.entries()) {
      stage.on("error", fail);
      const next = known[at + 1];
      if (next) stage.pipe(next);
    }
    known.at(-1)?.on("data", (chunk: Buffer) => {
      if (!over) decoded.data(chunk);
    });
    known.at(-1)?.on("end", () => {
      if (!over) decoded.end();
    });
    if (paused) known.at(-1)?.pause();
    return known;
  }

  function fail(error: Error): void {
    if (over) return;
    stop();
    decoded.failed(new Error(`it cannot be decompressed: ${error.message}`));
  }

  function stop(): void {
    over = true;
    for (const stage of stages ?? []) stage.destroy();
  }
}

function decoderOf(name: string, first: Buffer): Transform | undefined {
  if (name === "gzip" || name === "x-gzip") return createGunzip();
  if (name === "br") return createBrotliDecompress();
  if (name === "zstd") return createZstdDecompress();
  // Servers say deflate for both, with and without zlib's head.
  if (name === "deflate") return ((first[0] ?? 0) & 0x0f) === 8 ? createInflate() : createInflateRaw();
  return undefined;
}
