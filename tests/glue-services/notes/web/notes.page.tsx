import { useQuery } from "@tanstack/react-query";
import { call } from "../../../../glue-services/dashboard/web/src/api/call.ts";
import { Answer, Empty } from "../../../../glue-services/dashboard/web/src/parts/answers.tsx";
import { Page as Frame } from "../../../../glue-services/dashboard/web/src/parts/page.tsx";

/** The newest notes of the organisation. */
export function Page() {
  const query = useQuery({ queryKey: ["notes"], queryFn: () => call<{ id: string; text: string }[]>("/api/notes") });
  return (
    <Frame title="Notes">
      <Answer query={query}>
        {(notes) =>
          notes.length === 0 ? (
            <Empty title="No note yet">`./devflow notes write` writes one.</Empty>
          ) : (
            <ul>
              {notes.map(({ id, text }) => (
                <li key={id}>
                  <a href={`/notes/${id}`}>{text}</a>
                </li>
              ))}
            </ul>
          )
        }
      </Answer>
    </Frame>
  );
}
