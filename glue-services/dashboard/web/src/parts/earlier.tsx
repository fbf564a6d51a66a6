import { Button } from "@mantine/core";

/** What it needs of an infinite query. */
interface Pages {
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
  fetchNextPage(): Promise<unknown>;
}

/** Reads on into the past, where there is more of it. */
export function Earlier({ query, children }: { query: Pages; children: string }) {
  if (!query.hasNextPage) return null;
  return (
    <Button variant="default" size="xs" loading={query.isFetchingNextPage} onClick={() => void query.fetchNextPage()}>
      {children}
    </Button>
  );
}
