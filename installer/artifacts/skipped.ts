/** Why one source did not give the artifact. The next source is tried; `message` is for people and holds no secret. */
export class Skipped extends Error {
  /** Whether trying the same source again may help: a cut connection, a server that is busy. */
  readonly temporary: boolean;

  constructor(message: string, options: { temporary?: boolean; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "Skipped";
    this.temporary = options.temporary ?? false;
  }
}

/** Bytes that are not the expected ones: reported loudly, never used. */
export class Mismatch extends Skipped {
  constructor(from: string, expected: string, found: string, then = "the file was removed") {
    super(`${from}: wrong content: expected ${expected}, found ${found}; ${then}`);
    this.name = "Mismatch";
  }
}
