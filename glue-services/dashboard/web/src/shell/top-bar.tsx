import { ActionIcon, Menu, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { statusQuery } from "../api/queries.ts";
import { type Me, useMe } from "../api/session.ts";
import { addressOf } from "../organisation.ts";
import { headline } from "../pages/overview/headline.ts";
import { Icon } from "../parts/icon.tsx";
import { initials } from "../parts/initials.ts";
import { StateMark } from "../parts/state-mark.tsx";
import { openPalette } from "./palette-store.ts";
import { ProjectSwitch } from "./project-switch.tsx";
import { signOut, switchOrganisation } from "./session-actions.ts";

export function TopBar({ onMenu }: { onMenu: () => void }) {
  const me = useMe();
  return (
    <header className="top">
      <ActionIcon
        className="top-menu"
        variant="subtle"
        color="gray"
        size="lg"
        onClick={onMenu}
        aria-label="Open the menu"
      >
        <Icon name="menu" />
      </ActionIcon>
      {me && <Organisation me={me} />}
      {me && <ProjectSwitch />}
      <button type="button" className="search" onClick={openPalette} aria-keyshortcuts="Meta+K Control+K">
        <Icon name="search" size={14} />
        <span>Search or jump to</span>
        <kbd>{/Mac|iP/.test(navigator.platform) ? "⌘K" : "Ctrl K"}</kbd>
      </button>
      <Health />
      {me ? <Person me={me} /> : me === null && <SignInLink />}
    </header>
  );
}

function SignInLink() {
  return (
    <a href="/sign-in" className="top-link">
      Sign in
    </a>
  );
}

/** The whole platform's state in a word, from everywhere one click away from the reason. */
function Health() {
  const { data: status } = useQuery(statusQuery);
  if (!status) return null;
  return (
    <Link
      to="/"
      className="health"
      aria-label={`Health: ${status.state}. ${headline(status)}`}
      title={headline(status)}
    >
      <StateMark state={status.state} />
    </Link>
  );
}

function Organisation({ me }: { me: Me }) {
  const current = me.organisations.find(({ id }) => id === me.organisation);
  if (me.organisations.length < 2)
    return (
      <span className="organisation">
        <span className="organisation-name">{current?.name}</span>
      </span>
    );
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <UnstyledButton className="organisation" title={current?.name}>
          <span className="visually-hidden">Organisation: </span>
          <span className="organisation-name">{current?.name}</span> <Icon name="down" size={12} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Organisation</Menu.Label>
        {me.organisations.map((one) => (
          <Menu.Item
            key={one.id}
            component="a"
            href={addressOf("/", one.slug)}
            onClick={(event) => {
              if (event.ctrlKey || event.metaKey || event.shiftKey) return;
              event.preventDefault();
              void switchOrganisation(one, me);
            }}
            rightSection={one.id === me.organisation && <Icon name="check" />}
          >
            {one.name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Person({ me }: { me: Me }) {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const name = me.name ?? "You";
  return (
    <Menu position="bottom-end" width={240}>
      <Menu.Target>
        <UnstyledButton className="person" aria-label={`${initials(name)}: ${name}, account and appearance`}>
          {initials(name)}
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <div className="menu-who">
          <strong>{name}</strong>
          <span className="quiet">{me.email}</span>
        </div>
        <Menu.Divider />
        <Menu.Item component={Link} to="/account" leftSection={<Icon name="account" />}>
          Account
        </Menu.Item>
        <Menu.Item component={Link} to="/sessions" leftSection={<Icon name="sessions" />}>
          Sessions
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>Appearance</Menu.Label>
        {(["auto", "light", "dark"] as const).map((scheme) => (
          <Menu.Item
            key={scheme}
            role="menuitemradio"
            aria-checked={colorScheme === scheme}
            closeMenuOnClick={false}
            onClick={() => setColorScheme(scheme)}
            rightSection={colorScheme === scheme && <Icon name="check" />}
          >
            {{ auto: "As the system", light: "Light", dark: "Dark" }[scheme]}
          </Menu.Item>
        ))}
        <Menu.Divider />
        <Menu.Item onClick={() => void signOut()}>Sign out</Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
