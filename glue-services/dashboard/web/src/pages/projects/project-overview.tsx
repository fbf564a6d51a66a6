import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Ago } from "../../parts/ago.tsx";
import { Answer } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Facts, Section } from "../../parts/page.tsx";
import { areaOf } from "../audit/words.ts";
import { environmentsQuery, overviewQuery, type Shared } from "./queries.ts";

/** What every product has of the project, and what it costs. */
export function ProjectOverview({ project }: { project: Shared }) {
  const overview = useQuery(overviewQuery(project.id));
  const environments = useQuery(environmentsQuery(project.id));
  return (
    <div className="stack project-tab">
      <Answer query={overview}>
        {({ facts, silent }) => (
          <>
            <div className="project-facts">
              {facts.map(({ title, value, path }) => (
                <div key={title} className="project-fact">
                  <span className="quiet">{title}</span>
                  {path ? <Link to={path}>{value}</Link> : <span>{value}</span>}
                </div>
              ))}
            </div>
            {silent.length > 0 && (
              <p className="quiet">Not everything is known: {silent.map(areaOf).join(", ")} did not answer.</p>
            )}
          </>
        )}
      </Answer>
      <Section title="Environments">
        <Answer query={environments}>
          {(all) => (
            <ul className="project-parts">
              {all.map(({ id, name, createdAt }) => (
                <li key={id}>
                  <span>{name}</span>
                  <span className="quiet">
                    <Ago at={createdAt} />
                  </span>
                </li>
              ))}
            </ul>
          )}
        </Answer>
      </Section>
      <Section title="About">
        <Facts
          facts={[
            ["Slug", <code key="slug">{project.slug}</code>],
            ["Your role", project.role],
            ["Everyone else", project.everyone ?? "does not know of it"],
            ["Created", <Ago key="created" at={project.createdAt} />],
          ]}
        />
        <Command label="Same as">{`./devflow projects show ${project.slug}`}</Command>
      </Section>
    </div>
  );
}
