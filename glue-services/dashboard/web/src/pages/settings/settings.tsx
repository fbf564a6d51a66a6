import { SegmentedControl, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { contextQuery, isAdministrator, useMay, useMe } from "../../api/session.ts";
import { Answer, Lines } from "../../parts/answers.tsx";
import { Command } from "../../parts/command.tsx";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Configuration } from "../component/configuration.tsx";
import { OrganisationName } from "./organisation.tsx";

/** How this browser shows the platform, how the platform is set up, and what it is. */
export function Settings() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const me = useMe();
  const rename = useMay("organisation:manage");
  return (
    <Page title="Settings">
      <Section title="Appearance">
        <SegmentedControl
          aria-label="Colours"
          value={colorScheme}
          onChange={(value) => setColorScheme(value as "auto" | "light" | "dark")}
          data={[
            { value: "auto", label: "As the system" },
            { value: "light", label: "Light" },
            { value: "dark", label: "Dark" },
          ]}
        />
        <p className="quiet">Kept in this browser.</p>
      </Section>
      {me && rename && (
        <Section title="Organisation">
          <OrganisationName key={me.organisation} me={me} />
        </Section>
      )}
      {me && <About />}
      {isAdministrator(me) && (
        <Section title="Configuration">
          <Configuration />
        </Section>
      )}
    </Page>
  );
}

function About() {
  const context = useQuery(contextQuery);
  return (
    <Section title="About">
      <Answer query={context} skeleton={<Lines count={6} height={24} />}>
        {({ version, kind, url }) => (
          <Facts
            facts={[
              ["Version", version],
              ["Kind of stack", kind],
              ["Address", url],
              [
                "Interface description",
                <a key="api" href="/api/openapi.json">
                  OpenAPI
                </a>,
              ],
              ["Telemetry", "none leaves this machine"],
              ["Health in the terminal", <Command key="doctor">./devflow doctor</Command>],
            ]}
          />
        )}
      </Answer>
    </Section>
  );
}
