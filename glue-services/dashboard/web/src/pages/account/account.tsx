import { useMe } from "../../api/session.ts";
import { Facts, Page, Section } from "../../parts/page.tsx";
import { Agents } from "./agents.tsx";
import { Logins } from "./logins.tsx";
import { Passkeys } from "./passkeys.tsx";
import { Password } from "./password.tsx";
import { SecondFactor } from "./second-factor.tsx";

/** What a person does with their own account. */
export function Account() {
  const me = useMe();
  if (!me) return null;
  return (
    <Page title="Account">
      <Section title="You">
        <Facts
          facts={[
            ["Name", me.name ?? "–"],
            ["E-mail", me.email ?? "–"],
            ["Roles here", me.roles.join(", ") || "none"],
            ["Organisations", me.organisations.map(({ name }) => name).join(", ")],
          ]}
        />
      </Section>
      <Section title="Agents">
        <Agents />
      </Section>
      <Section title="Machines">
        <Logins />
      </Section>
      <Section title="Second factor">
        <SecondFactor />
      </Section>
      <Section title="Passkeys">
        <Passkeys />
      </Section>
      <Section title="Password">
        <Password />
      </Section>
    </Page>
  );
}
