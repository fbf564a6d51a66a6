import { Link } from "@tanstack/react-router";
import { Page } from "../parts/page.tsx";

export function Missing() {
  return (
    <main className="alone">
      <Page title="There is no such page">
        <p>
          The address may be mistyped, or the page is not part of this platform. <Link to="/">Go to the overview</Link>.
        </p>
      </Page>
    </main>
  );
}
