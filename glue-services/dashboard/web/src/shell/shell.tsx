import { Drawer } from "@mantine/core";
import { useDisclosure, useHotkeys } from "@mantine/hooks";
import { Notifications } from "@mantine/notifications";
import { useIsFetching, useQuery } from "@tanstack/react-query";
import { Outlet, useLocation } from "@tanstack/react-router";
import { lazy, Suspense, useEffect, useState, useSyncExternalStore } from "react";
import { Problem } from "../api/call.ts";
import { contextQuery, meQuery } from "../api/session.ts";
import { useSituation } from "../api/use-situation.ts";
import { useStatus } from "../api/use-status.ts";
import { settle } from "../arrive.ts";
import { live } from "../live/live.ts";
import { actingFor } from "../organisation.ts";
import { NotAMember } from "../pages/not-a-member.tsx";
import { Failure, Lines } from "../parts/answers.tsx";
import { fetchPagesWhenIdle } from "../parts/lazy.ts";
import { ConnectionNotice } from "./connection-notice.tsx";
import { Menu } from "./menu.tsx";
import { openPalette, paletteStore } from "./palette-store.ts";
import { tellOfSwitch } from "./session-actions.ts";
import { ToSignIn } from "./sign-in.tsx";
import { TopBar } from "./top-bar.tsx";

const Palette = lazy(() => import("./palette.tsx").then(({ Palette }) => ({ default: Palette })));

/** The frame around every page: products and pages to the left, organisation, search, health and person on top. */
export function Shell() {
  const [opened, { open, close }] = useDisclosure();
  const { pathname } = useLocation();
  useStatus();
  useSession();
  const ahead = usePagesAhead();
  // The menu of a narrow screen goes away once a page was chosen.
  useEffect(close, [pathname, close]);
  return (
    <div className="shell">
      <a className="skip" href="#content">
        Skip to content
      </a>
      <aside className="side">
        <Menu />
      </aside>
      <Drawer.Root opened={opened} onClose={close} size={260} transitionProps={{ duration: 120 }}>
        <Drawer.Overlay backgroundOpacity={0.3} />
        <Drawer.Content aria-label="Menu">
          <Drawer.Body p={0}>
            <Menu />
          </Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
      <TopBar onMenu={open} />
      <div className="content">
        <ConnectionNotice />
        <main id="content" tabIndex={-1}>
          <Guarded />
        </main>
      </div>
      <Notifications position="bottom-right" autoClose={5000} containerWidth={360} />
      <PaletteWhenWanted ahead={ahead} />
    </div>
  );
}

/** Documentation is for everyone; every other page asks who is there, where the platform can know. */
function Guarded() {
  const { pathname } = useLocation();
  const context = useQuery(contextQuery);
  const me = useQuery(meQuery);
  const situation = useSituation();
  if (pathname.startsWith("/docs")) return <Outlet />;
  if (context.isError) return <Failure error={context.error} retry={() => void context.refetch()} />;
  if (me.error instanceof Problem && me.error.code === "NOT_A_MEMBER") return <NotAMember slug={actingFor() ?? ""} />;
  if (me.isError && me.data === undefined) return <Failure error={me.error} retry={() => void me.refetch()} />;
  if (!situation) return <Lines />;
  if (situation.me === null && situation.context.answers.includes("/api/identity/me")) {
    return <ToSignIn />;
  }
  return <Outlet />;
}

/** The other pages are fetched once this one is shown. @returns whether it is */
function usePagesAhead(): boolean {
  const shown = useSituation() !== undefined;
  const fetching = useIsFetching() > 0;
  const [begun, begin] = useState(false);
  useEffect(() => {
    if (!shown || fetching || begun) return;
    begin(true);
    fetchPagesWhenIdle();
  }, [shown, fetching, begun]);
  return begun;
}

/** The palette is fetched when it is wanted, or once the page is shown; until it is there, its keys are minded here. */
function PaletteWhenWanted({ ahead }: { ahead: boolean }) {
  const opened = useSyncExternalStore(paletteStore.subscribe, () => paletteStore.getState().opened);
  const [there, arrive] = useState(false);
  useHotkeys(there ? [] : [["mod + K", openPalette]], []);
  if (!ahead && !opened) return null;
  return (
    <Suspense>
      <Palette />
      <Arrival tell={arrive} />
    </Suspense>
  );
}

/** Tells that what it is suspended with has been fetched. */
function Arrival({ tell }: { tell: (there: boolean) => void }) {
  useEffect(() => {
    tell(true);
    return () => tell(false);
  }, [tell]);
  return null;
}

/** Changes are told while somebody is signed in. */
function useSession(): void {
  const { data: me } = useQuery(meQuery);
  const signedIn = me !== null && me !== undefined;
  useEffect(() => {
    if (!signedIn) return;
    live.open();
    return () => live.close();
  }, [signedIn]);
  useEffect(() => {
    if (!me) return;
    // The platform did not answer while this page was opened.
    if (actingFor() === undefined && settle(me)) window.location.reload();
    else tellOfSwitch(me);
  }, [me]);
}
