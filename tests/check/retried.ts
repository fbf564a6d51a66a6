import type { Reporter, TestCase } from "vitest/node";

/** Names every test that passed only when it was tried again: each is a finding, though it does not fail the run. */
export default class Retried implements Reporter {
  readonly #found: string[] = [];

  onTestCaseResult(test: TestCase): void {
    if (test.result().state === "passed" && (test.diagnostic()?.retryCount ?? 0) > 0) this.#found.push(test.fullName);
  }

  onTestRunEnd(): void {
    for (const name of this.#found) console.log(`FINDING passed only the second time: ${name}`);
  }
}
