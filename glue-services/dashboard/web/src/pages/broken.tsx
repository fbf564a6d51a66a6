import { Button } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { Failure } from "../parts/answers.tsx";

/** A mistake of the app itself, or a part of it that could not be loaded after an upgrade. */
export function Broken({ error: thrown, reset }: ErrorComponentProps) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  const outdated = /dynamically imported module|Importing a module|Failed to fetch/i.test(error.message);
  return (
    <main className="alone">
      {outdated ? (
        <section className="notice">
          <div>
            <h2>The dashboard has been updated</h2>
            <p>This page belongs to the version before.</p>
            <Button size="xs" onClick={() => window.location.reload()}>
              Reload
            </Button>
          </div>
        </section>
      ) : (
        <Failure error={error} retry={reset} />
      )}
    </main>
  );
}
