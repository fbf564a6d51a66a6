import { useQuery } from "@tanstack/react-query";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { sentenceOf } from "../audit/words.ts";
import { projectActivityQuery } from "./queries.ts";

/** What was done to the project and in it, the newest first. */
export function ProjectActivity({ project }: { project: string }) {
  const query = useQuery(projectActivityQuery(project));
  return (
    <Answer query={query}>
      {(entries) =>
        entries.length === 0 ? (
          <Empty title="Nothing yet">Who changed what in this project stands here.</Empty>
        ) : (
          <ol className="project-parts project-tab">
            {entries.map(({ id, at, who, action, target }) => (
              <li key={id}>
                <span>
                  <span className="strong">{who ?? "The platform"}</span> {sentenceOf(action)} {target}
                </span>
                <span className="quiet">
                  <Ago at={at} />
                </span>
              </li>
            ))}
          </ol>
        )
      }
    </Answer>
  );
}
