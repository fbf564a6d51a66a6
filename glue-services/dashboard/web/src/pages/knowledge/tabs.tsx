import { Link } from "@tanstack/react-router";

const tabs = [
  ["/knowledge", "Search"],
  ["/knowledge/ask", "Ask"],
  ["/knowledge/sources", "Sources"],
] as const;

/** The three ways into what is known. */
export function KnowledgeTabs({ at }: { at: (typeof tabs)[number][0] }) {
  return (
    <nav className="page-tabs" aria-label="Knowledge">
      {tabs.map(([path, title]) => (
        <Link
          key={path}
          to={path}
          search={{}}
          activeOptions={{ exact: true }}
          {...(path === at && { "aria-current": "page" as const })}
        >
          {title}
        </Link>
      ))}
    </nav>
  );
}
