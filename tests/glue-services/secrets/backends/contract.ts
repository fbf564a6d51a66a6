import { expect, it } from "vitest";
import type { Backend } from "../../../../glue-services/secrets/backends/index.ts";
import { Unresolvable } from "../../../../glue-services/secrets/backends/index.ts";

export interface Case {
  /** Undefined where the backend cannot be asked without 1Password's own cloud. */
  good: (() => Promise<Backend>) | undefined;
  /** What it holds: reference to value. */
  holds: Record<string, string>;
  /** References of the right kind that name nothing. */
  missing: string[];
  /** One whose credential is refused; `credential` must never be shown. */
  denied: () => Promise<{ backend: Backend; credential: string }>;
  /** One that does not answer, or is not there; undefined where that needs the cloud. */
  unreachable: (() => Promise<Backend>) | undefined;
  /** One that takes longer than anybody waits; undefined where it cannot be slow. */
  slow?: () => Promise<Backend>;
  /** A reference of the right kind. */
  reference: string;
}

/** What every backend promises: the value exactly, or an error that names reference, backend and what to do, and no secret. */
export function testBackend(name: string, given: Case): void {
  const { good, unreachable, slow } = given;
  if (good) {
    for (const [reference, value] of Object.entries(given.holds)) {
      it(`${name} reads ${reference} exactly`, async () => {
        expect(await (await good()).read(reference)).toBe(value);
      });
    }

    it(`${name} gives the same to many who ask at once`, async () => {
      const backend = await good();
      const [[reference = "", value] = []] = Object.entries(given.holds);
      expect(new Set(await Promise.all(Array.from({ length: 5 }, () => backend.read(reference))))).toEqual(
        new Set([value]),
      );
    });

    for (const reference of given.missing) {
      it(`${name} says that ${reference} is missing`, async () => {
        const error = await failure(await good(), reference);
        expect(error.reason).toBe("missing");
        expect(Object.values(given.holds).some((value) => `${error.message} ${error.hint}`.includes(value))).toBe(
          false,
        );
      });
    }
  }

  for (const reference of [
    "op://",
    "op://vault/item",
    "env:",
    "env:lower case",
    "op://R&D/item/field",
    "op://a/b/c?ssh-format=openssh",
    "op://a/b/%2f",
    "hunter2-is-a-password",
    "",
  ]) {
    it(`${name} refuses ${JSON.stringify(reference)} as malformed`, async () => {
      const { backend } = await given.denied();
      const error = await failure(backend, reference);
      expect(error.reason).toBe("malformed");
      expect(error.message).not.toContain("hunter2");
    });
  }

  it(`${name} says that it is refused, without its credential`, async () => {
    const { backend, credential } = await given.denied();
    const error = await failure(backend, given.reference);
    expect(error.reason).toBe("denied");
    expect(`${error.message} ${error.hint} ${error.stack}`).not.toContain(credential);
  });

  if (unreachable) {
    it(`${name} says that it cannot be reached`, async () => {
      expect((await failure(await unreachable(), given.reference)).reason).toBe("unreachable");
    });
  }

  if (slow) {
    it(`${name} stops waiting when asked to`, async () => {
      const begun = performance.now();
      const error = await failure(await slow(), given.reference, AbortSignal.timeout(100));
      expect(error.reason).toBe("unreachable");
      expect(performance.now() - begun).toBeLessThan(3000);
    });
  }

  async function failure(backend: Backend, reference: string, signal?: AbortSignal): Promise<Unresolvable> {
    const error = await backend.read(reference, signal).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(Unresolvable);
    const found = error as Unresolvable;
    if (found.reason !== "malformed") {
      expect(found.message).toContain(reference);
      expect(found.backend).toBe(backend.name);
    }
    expect(found.hint).toMatch(/\w+ \w+/);
    return found;
  }
}
