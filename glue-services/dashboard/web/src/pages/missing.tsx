import { Link } from "@tanstack/react-router";
import { Page } from "../parts/page.tsx";

/** Any address that no page has. */
export function Missing() {
  return (
    <Page title="There is no such page">
      <p>
        The address may be mistyped, or the page is not part of this platform. <Link to="/">Go to the overview</Link>.
      </p>
    </Page>
  );
}
