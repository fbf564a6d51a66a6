import { Button } from "@mantine/core";
import type { ErrorComponentProps } from "@tanstack/react-router";
import { useRouter } from "@tanstack/react-router";
import { useState } from "react";
import { call } from "../api/call.ts";
import { Failure } from "../parts/answers.tsx";
import { Icon } from "../parts/icon.tsx";
import { NotLoaded } from "../parts/lazy.ts";

/** A mistake of the app itself, or a page whose code could not be fetched. */
export function Broken({ error: thrown, reset }: ErrorComponentProps) {
  const error = thrown instanceof Error ? thrown : new Error(String(thrown));
  return error instanceof NotLoaded ? <Unloaded error={error} /> : <Failure error={error} retry={reset} />;
}

/** The frame stays where it is: other pages may be there already. */
function Unloaded({ error }: { error: NotLoaded }) {
  const [busy, setBusy] = useState(false);
  const router = useRouter();
  const again = async () => {
    setBusy(true);
    try {
      await call("/api/dashboard/context");
      // The platform answers: what a browser remembers of a failed fetch, or a version that was replaced, goes by this.
      window.location.reload();
    } catch {
      setBusy(false);
      await router.invalidate();
    }
  };
  return (
    <section className="notice notice-bad" role="alert">
      <Icon name="warning" />
      <div>
        <h1 className="notice-title">{error.message}</h1>
        <p>The platform could not be reached, or it has been updated since this page was opened.</p>
        <Button size="xs" variant="default" loading={busy} onClick={() => void again()}>
          Try again
        </Button>
      </div>
    </section>
  );
}
