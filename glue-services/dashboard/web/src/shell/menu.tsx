import { Link, useLocation } from "@tanstack/react-router";
import { useSituation } from "../api/use-situation.ts";
import { useWaiting } from "../api/use-waiting.ts";
import { absentOf, type Feature, featuresOf, productAt, productsOf } from "../features.ts";
import { Icon } from "../parts/icon.tsx";
import { Logo } from "./logo.tsx";

/** The products of this platform and the pages of the one that is open. */
export function Menu() {
  const situation = useSituation();
  const { pathname } = useLocation();
  const { feed, waiting } = useWaiting();
  if (!situation) return <div className="menu" />;
  const products = productsOf(situation);
  // A page of a product that is not part of this platform says so; the way on is the platform's own pages.
  const here = products.find(({ id }) => id === productAt(situation, pathname))?.id ?? "platform";
  const pages = featuresOf(situation).filter((feature) => feature.product === here);
  // A page below another is in the menu itself, and then only it is where one is.
  const at = pages.filter((one) => isAt(one, pathname)).sort((a, b) => b.path.length - a.path.length)[0];
  const groups = [...Map.groupBy(pages, (feature) => feature.group ?? "")];
  return (
    <div className="menu">
      <Link to="/" className="brand">
        <Logo /> DevFlow
      </Link>
      <nav aria-label="Products">
        <ul className="products">
          {products.map((product) => (
            <li key={product.id}>
              <Link
                to={product.path}
                className="product"
                {...(product.id === here && { "aria-current": "true" as const })}
              >
                <Icon name={product.icon} />
                {product.title}
              </Link>
            </li>
          ))}
          {absentOf(situation).map(({ product }) => (
            <li key={product.id}>
              <Link to={product.path} className="product product-absent">
                <Icon name={product.icon} />
                {product.title}
                <span className="product-note">not here</span>
              </Link>
            </li>
          ))}
        </ul>
      </nav>
      <nav aria-label="Pages">
        {groups.map(([title, members]) => (
          <div key={title} className="menu-group">
            {title && <h2>{title}</h2>}
            <ul>
              {members.map((feature) => (
                <li key={feature.path}>
                  <Link
                    to={feature.path}
                    className="menu-page"
                    activeOptions={{ exact: true }}
                    {...(feature === at && { "aria-current": "page" as const })}
                  >
                    <Icon name={feature.icon} />
                    {feature.title}
                    <Waiting count={feature.path === "/" ? waiting : waitingAt(feed?.needs ?? [], feature.path)} />
                  </Link>
                </li>
              ))}
            </ul>
          </div>
        ))}
      </nav>
    </div>
  );
}

/** How many things wait on a page. */
function waitingAt(needs: readonly { path: string }[], path: string): number {
  return needs.filter((need) => need.path.split("?", 1)[0] === path).length;
}

function Waiting({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <span className="badge">
      {count}
      <span className="visually-hidden"> waiting</span>
    </span>
  );
}

function isAt({ path }: Feature, pathname: string): boolean {
  if (path === "/") return pathname === "/" || pathname.startsWith("/components/");
  return pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`);
}
