import { useLocation } from "@tanstack/react-router";
import { Suspense } from "react";
import { useSituation } from "../../api/use-situation.ts";
import { Lines } from "../../parts/answers.tsx";
import { Missing } from "../missing.tsx";
import { componentOf } from "./components.ts";
import { paramsAt } from "./params.ts";

/** The page that a service declares for the present address. */
export function Declared() {
  const { pathname } = useLocation();
  const pages = useSituation()?.context.pages ?? [];
  for (const page of pages) {
    const params = paramsAt(page.path, pathname);
    const Page = params && componentOf(page);
    if (Page)
      return (
        <Suspense fallback={<Lines />}>
          <Page params={params} />
        </Suspense>
      );
  }
  return <Missing />;
}
