import { lazy, Suspense } from "react";

const Rendered = lazy(() => import("./markdown-rendered.tsx"));

/** Markdown of people and models, rendered without any HTML of theirs; plain until the renderer is loaded. */
export function Markdown({ children }: { children: string }) {
  return (
    <Suspense fallback={<div className="markdown-plain">{children}</div>}>
      <Rendered source={children} />
    </Suspense>
  );
}
