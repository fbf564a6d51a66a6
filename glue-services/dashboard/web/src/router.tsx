import { createRootRoute, createRoute, createRouter, type RouteComponent } from "@tanstack/react-router";
import { rewrite } from "./organisation.ts";
import { Broken } from "./pages/broken.tsx";
import { Missing } from "./pages/missing.tsx";
import { lazyPage } from "./parts/lazy.ts";
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

const inside = <Path extends string>(path: Path, component: RouteComponent) =>
  createRoute({ getParentRoute: () => shell, path, component });

const tree = root.addChildren([
  shell.addChildren([
    inside(
      "/",
      lazyPage(() => import("./pages/overview/overview.tsx"), "Overview"),
    ),
    inside(
      "/mcp-servers",
      lazyPage(() => import("./pages/mcp/servers.tsx"), "McpServers"),
    ),
    inside(
      "/mcp-servers/approvals",
      lazyPage(() => import("./pages/mcp/approvals.tsx"), "McpApprovals"),
    ),
    inside(
      "/mcp-servers/rules",
      lazyPage(() => import("./pages/mcp/rules.tsx"), "McpRules"),
    ),
    inside(
      "/mcp-servers/calls",
      lazyPage(() => import("./pages/mcp/calls.tsx"), "McpCalls"),
    ),
    inside(
      "/code",
      lazyPage(() => import("./pages/code/code.tsx"), "Code"),
    ),
    inside(
      "/knowledge",
      lazyPage(() => import("./pages/knowledge/search.tsx"), "KnowledgeSearch"),
    ),
    inside(
      "/knowledge/ask",
      lazyPage(() => import("./pages/knowledge/ask.tsx"), "Ask"),
    ),
    inside(
      "/knowledge/sources",
      lazyPage(() => import("./pages/knowledge/sources.tsx"), "Sources"),
    ),
    inside(
      "/knowledge/pages/$id",
      lazyPage(() => import("./pages/knowledge/page.tsx"), "KnowledgePage"),
    ),
    inside(
      "/projects",
      lazyPage(() => import("./pages/projects/projects.tsx"), "Projects"),
    ),
    inside(
      "/projects/$id",
      lazyPage(() => import("./pages/projects/project.tsx"), "ProjectPage"),
    ),
    inside(
      "/hub/models",
      lazyPage(() => import("./pages/hub/models.tsx"), "Models"),
    ),
    inside(
      "/hub/playground",
      lazyPage(() => import("./pages/hub/playground.tsx"), "Playground"),
    ),
    inside(
      "/hub/keys",
      lazyPage(() => import("./pages/hub/keys.tsx"), "HubKeys"),
    ),
    inside(
      "/hub/budgets",
      lazyPage(() => import("./pages/hub/budgets.tsx"), "Budgets"),
    ),
    inside(
      "/hub/usage",
      lazyPage(() => import("./pages/hub/usage.tsx"), "Usage"),
    ),
    inside(
      "/hub/traffic",
      lazyPage(() => import("./pages/hub/traffic.tsx"), "Traffic"),
    ),
    inside(
      "/hub/recorded",
      lazyPage(() => import("./pages/hub/recorded.tsx"), "Recorded"),
    ),
    inside(
      "/hub/policy",
      lazyPage(() => import("./pages/hub/policy.tsx"), "Policy"),
    ),
    inside(
      "/components/$name",
      lazyPage(() => import("./pages/component/component.tsx"), "ComponentPage"),
    ),
    inside(
      "/runtime",
      lazyPage(() => import("./pages/absent.tsx"), "Absent"),
    ),
    inside(
      "/analytics",
      lazyPage(() => import("./pages/absent.tsx"), "Absent"),
    ),
    inside(
      "/people",
      lazyPage(() => import("./pages/people/people.tsx"), "People"),
    ),
    inside(
      "/organisations",
      lazyPage(() => import("./pages/organisations/organisations.tsx"), "Organisations"),
    ),
    inside(
      "/keys",
      lazyPage(() => import("./pages/keys/keys.tsx"), "Keys"),
    ),
    inside(
      "/secrets",
      lazyPage(() => import("./pages/secrets/secrets.tsx"), "Secrets"),
    ),
    inside(
      "/audit",
      lazyPage(() => import("./pages/audit/audit.tsx"), "Audit"),
    ),
    inside(
      "/account",
      lazyPage(() => import("./pages/account/account.tsx"), "Account"),
    ),
    inside(
      "/sessions",
      lazyPage(() => import("./pages/account/sessions.tsx"), "Sessions"),
    ),
    inside(
      "/settings",
      lazyPage(() => import("./pages/settings/settings.tsx"), "Settings"),
    ),
    inside(
      "/docs/$",
      lazyPage(() => import("./pages/docs/docs.tsx"), "Docs"),
    ),
    // What services declare, and every address that no page has.
    inside(
      "/$",
      lazyPage(() => import("./pages/declared/declared.tsx"), "Declared"),
    ),
  ]),
]);

/** Reads the address of now: to be made once it has its organisation. */
export const makeRouter = () =>
  createRouter({
    routeTree: tree,
    rewrite,
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
    router: ReturnType<typeof makeRouter>;
  }
}
