import { Button } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useStatus } from "../../api/use-status.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { StateCell } from "../overview/components.tsx";
import { Push } from "./push.tsx";
import { RepositoryList } from "./repositories.tsx";
import { signedIn } from "./signed-in.ts";

/** Repositories, the way into Git hosting, and how to push. */
export function Code() {
  const status = useStatus();
  return (
    <Answer query={status}>
      {({ components, url }) => {
        const code = components.find(({ name }) => name === "code");
        if (!code) {
          return (
            <Page title="Repositories">
              <Empty
                title="Git hosting is not part of this platform"
                action={<Command>./devflow config set components.code=true</Command>}
              >
                It holds repositories, pull requests, packages and issues, on the same sign-in as this page.
              </Empty>
            </Page>
          );
        }
        const hosting = code.address ?? addressOf(url);
        if (code.state !== "ready") {
          return (
            <Page title="Repositories" lead={<StateCell component={code} />}>
              <Empty
                title="Git hosting is not ready"
                action={
                  <Link to="/components/$name" params={{ name: "code" }}>
                    See its log and processes
                  </Link>
                }
              >
                Repositories and the way into it are shown here as soon as it answers.
              </Empty>
            </Page>
          );
        }
        return (
          <Page
            title="Repositories"
            lead={
              <>
                Gitea {code.version}, at <a href={signedIn(hosting)}>{hosting}</a>.
              </>
            }
            actions={
              <Button
                component="a"
                href={signedIn(hosting)}
                size="xs"
                variant="default"
                rightSection={<Icon name="external" size={12} />}
              >
                Open Git hosting
              </Button>
            }
          >
            <RepositoryList hosting={hosting} />
            <Push hosting={hosting} />
          </Page>
        );
      }}
    </Answer>
  );
}

/** The convention of addresses: a component's name before the platform's own. */
function addressOf(platform: string): string {
  const address = new URL(platform);
  address.hostname = `code.${address.hostname}`;
  return address.origin;
}
