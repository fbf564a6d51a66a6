import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { Broken } from "./pages/broken.tsx";
import { Missing } from "./pages/missing.tsx";
import { Shell } from "./shell/shell.tsx";

type Search = Record<string, string | undefined>;

const root = createRootRoute({
  validateSearch: (search: Record<string, unknown>): Search =>
    Object.fromEntries(
      Object.entries(search).map(([key, value]) => [key, value === undefined ? undefined : String(value)]),
    ),
  notFoundComponent: Missing,
});

/** The frame around every page. */
const shell = createRoute({ getParentRoute: () => root, id: "shell", component: Shell });

const inside = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => shell, path, component });

const tree = root.addChildren([
  shell.addChildren([
    inside(
      "/",
      lazyRouteComponent(() => import("./pages/overview/overview.tsx"), "Overview"),
    ),
    inside(
      "/mcp-servers",
      lazyRouteComponent(() => import("./pages/mcp/servers.tsx"), "McpServers"),
    ),
    inside(
      "/mcp-servers/approvals",
      lazyRouteComponent(() => import("./pages/mcp/approvals.tsx"), "McpApprovals"),
    ),
    inside(
      "/mcp-servers/rules",
      lazyRouteComponent(() => import("./pages/mcp/rules.tsx"), "McpRules"),
    ),
    inside(
      "/mcp-servers/calls",
      lazyRouteComponent(() => import("./pages/mcp/calls.tsx"), "McpCalls"),
    ),
    inside(
      "/code",
      lazyRouteComponent(() => import("./pages/code/code.tsx"), "Code"),
    ),
    inside(
      "/knowledge",
      lazyRouteComponent(() => import("./pages/knowledge/search.tsx"), "KnowledgeSearch"),
    ),
    inside(
      "/knowledge/ask",
      lazyRouteComponent(() => import("./pages/knowledge/ask.tsx"), "Ask"),
    ),
    inside(
      "/knowledge/sources",
      lazyRouteComponent(() => import("./pages/knowledge/sources.tsx"), "Sources"),
    ),
    inside(
      "/knowledge/pages/$id",
      lazyRouteComponent(() => import("./pages/knowledge/page.tsx"), "KnowledgePage"),
    ),
    inside(
      "/projects",
      lazyRouteComponent(() => import("./pages/projects/projects.tsx"), "Projects"),
    ),
    inside(
      "/projects/$id",
      lazyRouteComponent(() => import("./pages/projects/project.tsx"), "ProjectPage"),
    ),
    inside(
      "/hub/models",
      lazyRouteComponent(() => import("./pages/hub/models.tsx"), "Models"),
    ),
    inside(
      "/hub/playground",
      lazyRouteComponent(() => import("./pages/hub/playground.tsx"), "Playground"),
    ),
    inside(
      "/hub/keys",
      lazyRouteComponent(() => import("./pages/hub/keys.tsx"), "HubKeys"),
    ),
    inside(
      "/hub/budgets",
      lazyRouteComponent(() => import("./pages/hub/budgets.tsx"), "Budgets"),
    ),
    inside(
      "/hub/usage",
      lazyRouteComponent(() => import("./pages/hub/usage.tsx"), "Usage"),
    ),
    inside(
      "/hub/traffic",
      lazyRouteComponent(() => import("./pages/hub/traffic.tsx"), "Traffic"),
    ),
    inside(
      "/hub/recorded",
      lazyRouteComponent(() => import("./pages/hub/recorded.tsx"), "Recorded"),
    ),
    inside(
      "/hub/policy",
      lazyRouteComponent(() => import("./pages/hub/policy.tsx"), "Policy"),
    ),
    inside(
      "/components/$name",
      lazyRouteComponent(() => import("./pages/component/component.tsx"), "ComponentPage"),
    ),
    inside(
      "/runs",
      lazyRouteComponent(() => import("./pages/runs/runs.tsx"), "Runs"),
    ),
    inside(
      "/runs/$id",
      lazyRouteComponent(() => import("./pages/runs/run.tsx"), "RunPage"),
    ),
    inside(
      "/events",
      lazyRouteComponent(() => import("./pages/events/events.tsx"), "Events"),
    ),
    inside(
      "/people",
      lazyRouteComponent(() => import("./pages/people/people.tsx"), "People"),
    ),
    inside(
      "/organisations",
      lazyRouteComponent(() => import("./pages/organisations/organisations.tsx"), "Organisations"),
    ),
    inside(
      "/keys",
      lazyRouteComponent(() => import("./pages/keys/keys.tsx"), "Keys"),
    ),
    inside(
      "/secrets",
      lazyRouteComponent(() => import("./pages/secrets/secrets.tsx"), "Secrets"),
    ),
    inside(
      "/audit",
      lazyRouteComponent(() => import("./pages/audit/audit.tsx"), "Audit"),
    ),
    inside(
      "/account",
      lazyRouteComponent(() => import("./pages/account/account.tsx"), "Account"),
    ),
    inside(
      "/sessions",
      lazyRouteComponent(() => import("./pages/account/sessions.tsx"), "Sessions"),
    ),
    inside(
      "/settings",
      lazyRouteComponent(() => import("./pages/settings/settings.tsx"), "Settings"),
    ),
    inside(
      "/docs/$",
      lazyRouteComponent(() => import("./pages/docs/docs.tsx"), "Docs"),
    ),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: "intent",
  defaultErrorComponent: Broken,
  defaultPendingMs: 100,
  scrollRestoration: true,
  // Plain words in the address: ?q=up, not ?q=%22up%22.
  parseSearch: (text) => Object.fromEntries(new URLSearchParams(text)),
  stringifySearch: (search) => {
    const given = Object.entries(search).filter(([, value]) => value !== undefined && value !== "");
    const text = new URLSearchParams(given.map(([key, value]) => [key, String(value)])).toString();
    return text ? `?${text}` : "";
  },
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
