import { Button, Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { invitationsQuery, peopleQuery } from "../../api/queries.ts";
import { isAdministrator, useMay, useMe } from "../../api/session.ts";
import { useAddress, useNewDialog } from "../../parts/address.ts";
import { Command } from "../../parts/command.tsx";
import { Icon } from "../../parts/icon.tsx";
import { Page } from "../../parts/page.tsx";
import { Invitations } from "./invitations.tsx";
import { Invite } from "./invite.tsx";
import { Members } from "./members.tsx";
import { Roles } from "./roles.tsx";
import { SignOn } from "./sign-on.tsx";

/** Who belongs to the organisation, who is invited, and what each role may do. */
export function People() {
  const me = useMe();
  const manage = useMay("people:manage");
  const [tab, setTab] = useAddress("tab");
  const [inviting, invite] = useNewDialog();
  const people = useQuery(peopleQuery);
  const invitations = useQuery({ ...invitationsQuery, enabled: manage });
  const organisation = me?.organisations.find(({ id }) => id === me.organisation)?.name;
  return (
    <Page
      title="People"
      lead={organisation && `Members of ${organisation}.`}
      actions={
        manage && (
          <Button size="xs" leftSection={<Icon name="plus" size={12} />} onClick={() => invite(true)}>
            Invite
          </Button>
        )
      }
    >
      <Tabs value={tab || "members"} onChange={(next) => setTab(next ?? undefined)} keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="members">Members{people.data && <Count of={people.data.length} />}</Tabs.Tab>
          {manage && (
            <Tabs.Tab value="invitations">
              Invitations{invitations.data && <Count of={invitations.data.length} />}
            </Tabs.Tab>
          )}
          <Tabs.Tab value="roles">Roles</Tabs.Tab>
          {isAdministrator(me) && <Tabs.Tab value="sign-on">Sign-on</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="members">
          <div className="stack">
            <Members query={people} manage={manage} />
            {isAdministrator(me) && <Command label="Same as">./devflow users list</Command>}
          </div>
        </Tabs.Panel>
        <Tabs.Panel value="invitations">
          <Invitations query={invitations} onInvite={() => invite(true)} />
        </Tabs.Panel>
        <Tabs.Panel value="roles">
          <Roles />
        </Tabs.Panel>
        <Tabs.Panel value="sign-on">
          <SignOn />
        </Tabs.Panel>
      </Tabs>
      {inviting && <Invite onClose={() => invite(false)} />}
    </Page>
  );
}

function Count({ of }: { of: number }) {
  return <span className="count">{of}</span>;
}
