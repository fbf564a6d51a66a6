import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Ago } from "../../parts/ago.tsx";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Section } from "../../parts/page.tsx";
import type { Column } from "../../parts/table/column.ts";
import { DataTable } from "../../parts/table/data-table.tsx";
import { type Repository, repositoriesQuery } from "./queries.ts";
import { signedIn } from "./signed-in.ts";

const checks: Record<NonNullable<Repository["checks"]>, string> = {
  success: "passed",
  pending: "running",
  failure: "failed",
  error: "failed",
  warning: "passed with warnings",
};

const columns: Column<Repository>[] = [
  {
    id: "repository",
    title: "Repository",
    value: ({ repository }) => repository,
    cell: ({ repository, private: hidden, archived }) => (
      <>
        {repository} {hidden && <span className="quiet">private</span>}
        {archived && <span className="quiet">archived</span>}
      </>
    ),
  },
  { id: "description", title: "Description", optional: true, value: ({ description }) => description },
  {
    id: "pull-requests",
    title: "Pull requests",
    align: "right",
    value: ({ openPullRequests }) => openPullRequests,
  },
  { id: "issues", title: "Open issues", align: "right", optional: true, value: ({ openIssues }) => openIssues },
  {
    id: "checks",
    title: "Checks",
    optional: true,
    value: (one) => (one.checks ? checks[one.checks] : one.empty ? "no commit yet" : "–"),
  },
  {
    id: "updated",
    title: "Last change",
    value: ({ updatedAt }) => updatedAt,
    cell: ({ updatedAt }) => <Ago at={updatedAt} />,
  },
];

/** What the person may see of Git hosting, the last changed first. */
export function RepositoryList({ hosting }: { hosting: string }) {
  const query = useQuery(repositoriesQuery);
  const fresh = (
    <Button
      component="a"
      href={signedIn(hosting, "/repo/create")}
      size="xs"
      leftSection={<Icon name="plus" size={12} />}
    >
      New repository
    </Button>
  );
  return (
    <Answer query={query}>
      {({ repositories, total }) =>
        repositories.length === 0 ? (
          <Empty title="No repository yet" action={fresh}>
            Create one, then push to it as shown below.
          </Empty>
        ) : (
          <Section title="Repositories" aside={fresh}>
            <DataTable
              name="repositories"
              columns={columns}
              rows={repositories}
              id={({ repository }) => repository}
              sort="-updated"
              address={({ repository }) => ({ href: signedIn(hosting, `/${repository}`) })}
              onOpen={({ repository }) => window.location.assign(signedIn(hosting, `/${repository}`))}
            />
            {total > repositories.length && (
              <p className="quiet">
                These are the {repositories.length} last changed of {total}.{" "}
                <a href={signedIn(hosting, "/explore/repos")}>See all in Git hosting</a>.
              </p>
            )}
          </Section>
        )
      }
    </Answer>
  );
}
