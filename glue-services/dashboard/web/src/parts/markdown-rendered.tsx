import { useMemo } from "react";
import { renderMarkdown } from "./render-markdown.ts";

export default function Rendered({ source }: { source: string }) {
  const html = useMemo(() => renderMarkdown(source), [source]);
  return (
    <div
      className="prose markdown"
      // HTML in the source is shown as text, and only links that cannot run anything are links.
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}
