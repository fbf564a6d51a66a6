import { lazy } from "react";
import { type DeclaredPage, NotLoaded } from "../../parts/lazy.ts";

/** The pages in the folders of services, each a script of its own. In no script of the first page, however many there are. */
const modules = import.meta.glob<{ Page: DeclaredPage }>("../../../../../*/web/*.page.tsx");

const made = new Map<string, DeclaredPage>();

/** The component of a page; undefined when its service has no such file. */
export function componentOf({ service, component }: { service: string; component: string }): DeclaredPage | undefined {
  const file = `../../../../../${service}/web/${component}.page.tsx`;
  const load = modules[file];
  if (!load) return undefined;
  const page = made.get(file) ?? lazy(() => load().then(({ Page }) => ({ default: Page }), refuse));
  made.set(file, page);
  return page;
}

/** Fetches all of them, for when the browser has nothing else to do. */
export const loaders = Object.values(modules);

function refuse(cause: unknown): never {
  throw new NotLoaded(cause);
}
