import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { useEffect } from "react";
import { meQuery } from "../api/session.ts";
import { Lines } from "../parts/answers.tsx";

const kept = "devflow-way-back";

/** Signing in is a page of the identity service, which works without this app. The way back is kept in this tab. */
export function ToSignIn({ from }: { from: string }) {
  useEffect(() => {
    if (from !== "/") sessionStorage.setItem(kept, from);
    window.location.replace("/sign-in");
  }, [from]);
  return <Lines />;
}

/** Goes on to the page that was asked for before signing in. */
export function useWayBack(): void {
  const { data: me } = useQuery(meQuery);
  const { pathname } = useLocation();
  const navigate = useNavigate();
  useEffect(() => {
    if (!me) return;
    const wanted = sessionStorage.getItem(kept);
    sessionStorage.removeItem(kept);
    // Only a path of ours: an address of another site does not begin with a single slash.
    if (wanted && pathname === "/" && /^\/(?!\/)/.test(wanted)) void navigate({ href: wanted, replace: true });
  }, [me, pathname, navigate]);
}
