import { Link, useLocation } from "@tanstack/react-router";
import { useSituation } from "../api/use-situation.ts";
import { absentOf } from "../features.ts";
import { Lines } from "../parts/answers.tsx";
import { Page } from "../parts/page.tsx";
import { Missing } from "./missing.tsx";

/** A product that is not part of this stack: what it is, and the way to get it. */
export function Absent() {
  const { pathname } = useLocation();
  const situation = useSituation();
  if (!situation) return <Lines />;
  const found = absentOf(situation).find(({ product }) => product.path === pathname);
  if (!found) return <Missing />;
  return (
    <Page title={found.product.title}>
      <section className="empty">
        <h2>Not part of this stack</h2>
        <p>{found.absence.text}</p>
        <p>
          <Link to={found.absence.docs} className="link">
            How to set up a stack with Docker
          </Link>
        </p>
      </section>
    </Page>
  );
}
