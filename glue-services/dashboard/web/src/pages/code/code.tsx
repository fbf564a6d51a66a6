import { Button } from "@mantine/core";
import { useStatus } from "../../api/use-status.ts";
import { Answer, Empty } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page, Section } from "../../parts/page.tsx";
import { Processes } from "../component/processes.tsx";
import { StateCell } from "../overview/components.tsx";

/** Git hosting: how it is, and the way into it. */
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
        const address = code.address ?? addressOf(url);
        const clone = `git clone ${address}/<owner>/<repository>.git`;
        return (
          <Page
            title="Repositories"
            lead={<StateCell component={code} />}
            actions={
              <Button
                component="a"
                href={address}
                size="xs"
                rightSection={<Icon name="external" size={12} />}
                disabled={code.state !== "ready"}
              >
                Open Git hosting
              </Button>
            }
          >
            <Section title="Work with it">
              <p>
                Repositories, pull requests, packages and issues live in Gitea {code.version}, at{" "}
                <a href={address}>{address}</a>. You are signed in there as you are here.
              </p>
              <Command>{clone}</Command>
            </Section>
            <Section title="Processes">
              <Processes processes={code.processes} />
            </Section>
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
