import { useQuery } from "@tanstack/react-query";
import { call } from "../../../../glue-services/dashboard/web/src/api/call.ts";
import { Answer } from "../../../../glue-services/dashboard/web/src/parts/answers.tsx";
import type { DeclaredPage } from "../../../../glue-services/dashboard/web/src/parts/lazy.ts";
import { Page as Frame } from "../../../../glue-services/dashboard/web/src/parts/page.tsx";

/** One note. */
export const Page: DeclaredPage = ({ params: { id = "" } }) => {
  const query = useQuery({
    queryKey: ["notes", id],
    queryFn: () => call<{ text: string }>(`/api/notes/${encodeURIComponent(id)}`),
  });
  return (
    <Frame title="Note">
      <Answer query={query}>{({ text }) => <blockquote>{text}</blockquote>}</Answer>
    </Frame>
  );
};
