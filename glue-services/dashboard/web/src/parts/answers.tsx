import { Button, Skeleton } from "@mantine/core";
import type { UseQueryResult } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { Problem } from "../api/call.ts";
import { Copy } from "./command.tsx";
import { Icon } from "./icon.tsx";
import { Prose } from "./prose.tsx";

/** What a page shows of a query: its skeleton, what went wrong, or the data (also an older one, while it is read anew). */
export function Answer<Data>({
  query,
  skeleton = <Lines />,
  children,
}: {
  query: UseQueryResult<Data>;
  skeleton?: ReactNode;
  children: (data: Data) => ReactNode;
}) {
  if (query.data !== undefined) return <>{children(query.data)}</>;
  if (query.isError) return <Failure error={query.error} retry={() => void query.refetch()} />;
  return (
    <div role="status" aria-label="Loading">
      {skeleton}
    </div>
  );
}

/** What failed, what to do, and the details to copy. */
export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const problem = error instanceof Problem ? error : undefined;
  const details = [
    problem?.code ?? error.name,
    problem?.status ? `status ${problem.status}` : "",
    problem?.request ? `request ${problem.request}` : "",
    window.location.pathname,
    new Date().toISOString(),
    error.message,
  ]
    .filter(Boolean)
    .join("\n");
  return (
    <section className="notice notice-bad" role="alert">
      <Icon name="warning" />
      <div>
        <h2>{error.message}</h2>
        {problem?.hint && (
          <p>
            <Prose>{problem.hint}</Prose>
          </p>
        )}
        <p className="row">
          {retry && (
            <Button size="xs" variant="default" onClick={retry}>
              Try again
            </Button>
          )}
          {problem?.docs && (
            <Link to={problem.docs} className="link">
              What this means
            </Link>
          )}
          <span className="quiet row">
            {problem?.code} <Copy value={details} label="Copy the details" />
          </span>
        </p>
      </div>
    </section>
  );
}

/** What a page is for, while there is nothing on it, and how to begin. */
export function Empty({ title, children, action }: { title: string; children: ReactNode; action?: ReactNode }) {
  return (
    <section className="empty">
      <h2>{title}</h2>
      <p>{children}</p>
      {action && <div className="row">{action}</div>}
    </section>
  );
}

/** As high as the table it stands for. */
export function Lines({ count = 6, height = 20 }: { count?: number; height?: number }) {
  return (
    <div className="lines">
      {Array.from({ length: count }, (_, at) => (
        <Skeleton key={at} height={height} width={`${[100, 92, 97, 88, 94][at % 5]}%`} />
      ))}
    </div>
  );
}
