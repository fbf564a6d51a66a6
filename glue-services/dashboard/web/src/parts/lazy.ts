import { lazyRouteComponent } from "@tanstack/react-router";

/** A page's code could not be fetched: the network is away, or the page is of a version that is no longer served. */
export class NotLoaded extends Error {
  constructor(cause: unknown) {
    super("This page could not be loaded.", { cause });
  }
}

/** A page in the folder of a service. */
export type DeclaredPage = React.ComponentType<{ params: Readonly<Record<string, string>> }>;

const importers: (() => Promise<unknown>)[] = [];

/** A page that is fetched when it is wanted, or before that when the browser has nothing else to do. */
export function lazyPage<Name extends string>(load: () => Promise<Record<Name, () => React.ReactNode>>, name: Name) {
  importers.push(load);
  // The router would answer a failed import by a reload, which offline leaves the app.
  return lazyRouteComponent(
    () =>
      load().catch((cause: unknown) => {
        throw new NotLoaded(cause);
      }),
    name,
  );
}

/** Fetches all pages, one after the other, so that each opens at once and also offline. */
export function fetchPagesWhenIdle(): void {
  if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
  // Those of services come last: which there are stands in a script of its own.
  const ofServices = async () => void rest.push(...(await import("../pages/declared/components.ts")).loaders);
  const rest: (() => Promise<unknown>)[] = [...importers, ofServices];
  const next = () => {
    const load = rest.shift();
    if (load) void load().then(whenIdle, () => {});
  };
  const whenIdle = () => ("requestIdleCallback" in window ? requestIdleCallback(next) : setTimeout(next, 200));
  performance.mark("devflow pages ahead");
  whenIdle();
}
