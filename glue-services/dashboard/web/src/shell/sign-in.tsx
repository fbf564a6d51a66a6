import { useEffect } from "react";
import { Lines } from "../parts/answers.tsx";
import { keepWayBack } from "./way-back.ts";

/** Signing in is a page of the identity service, which works without this app. */
export function ToSignIn() {
  useEffect(() => {
    keepWayBack();
    window.location.replace("/sign-in");
  }, []);
  return <Lines />;
}
