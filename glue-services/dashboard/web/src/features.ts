import type { DashboardContext } from "../../app.ts";
import type { Me } from "./api/session.ts";
import { isAdministrator, may } from "./api/session.ts";
import { type IconName, iconOf } from "./parts/icon-paths.ts";

/** What decides whether something is there: the stack, its running components, and who is signed in. */
export interface Situation {
  context: DashboardContext;
  components: readonly string[];
  me: Me | null;
}

export type ProductId = "hub" | "code" | "runtime" | "analytics" | "platform";

export interface Product {
  id: ProductId;
  title: string;
  icon: IconName;
  /** Where it says why it is not there; one that is there opens with the first page of its menu. */
  path: string;
  /** Components that make it up. */
  components: readonly string[];
  there(situation: Situation): boolean;
  /** Why it is not there, in a sentence, and the way to get it; undefined where there is nothing to say. */
  absence?(situation: Situation): Absence | undefined;
}

export interface Absence {
  text: string;
  /** Page of the documentation that says how. */
  docs: string;
}

export interface Feature {
  product: ProductId;
  path: string;
  title: string;
  icon: IconName;
  /** Under which heading it stands in the menu. */
  group?: string;
  /** Words by which the command palette finds it too. */
  keywords?: string;
  there(situation: Situation): boolean;
}

const runs = (...names: string[]) => {
  return ({ components }: Situation) => names.some((name) => components.includes(name));
};
const answers = ({ context }: Situation, path: string) => context.answers.includes(path);

function hasGateway(at: Situation): boolean {
  return answers(at, "/api/ai/models") && may(at.me, "ai:read");
}

function hasMcp(at: Situation): boolean {
  return answers(at, "/api/mcp/servers") && may(at.me, "mcp:read");
}

function hasKnowledge(at: Situation): boolean {
  return answers(at, "/api/knowledge/sources") && may(at.me, "knowledge:read");
}

/** The five products. One that is not part of this stack is not shown. */
export const products: Product[] = [
  {
    id: "hub",
    title: "Hub",
    icon: "hub",
    path: "/hub/models",
    components: ["hub", "ai-gateway", "embeddings"],
    there: (at) =>
      hasGateway(at) ||
      hasMcp(at) ||
      hasKnowledge(at) ||
      declaredFeatures(at).some((page) => page.product === "hub" && page.there(at)),
  },
  { id: "code", title: "Code", icon: "code", path: "/code", components: ["code"], there: runs("code") },
  {
    id: "runtime",
    title: "Runtime",
    icon: "runtime",
    path: "/runtime",
    components: ["runtime"],
    there: () => false,
    // Elsewhere it has addresses of its own.
    absence: ({ context }) =>
      context.kind === "local"
        ? {
            text: "Databases, sign-in, files and functions for your own apps (Supabase) are not part of a local stack. They run on a stack with Docker or Kubernetes.",
            docs: "/docs/onprem",
          }
        : undefined,
  },
  {
    id: "analytics",
    title: "Analytics",
    icon: "analytics",
    path: "/analytics",
    components: ["analytics"],
    there: () => false,
    absence: ({ context }) =>
      context.kind === "local"
        ? {
            text: "Time series of events (TimescaleDB), errors of your apps (GlitchTip) and dashboards (Grafana) are not part of a local stack. They run on a stack with Docker or Kubernetes.",
            docs: "/docs/onprem",
          }
        : undefined,
  },
  {
    id: "platform",
    title: "Platform",
    icon: "platform",
    path: "/",
    components: ["platform", "proxy", "postgres", "storage", "metrics", "search", "graph"],
    there: () => true,
  },
];

/**
 * Every page of every product: the one table that the menu, the command palette and the address bar's guard read. What
 * only a hosted platform has (tenants, billing) joins it with `there: ({context}) => context.kind === "saas"`.
 */
export const features: Feature[] = [
  {
    product: "hub",
    path: "/knowledge",
    title: "Knowledge",
    icon: "knowledge",
    keywords: "search ask sources crawl documents rag upload",
    there: hasKnowledge,
  },
  {
    product: "hub",
    path: "/projects",
    title: "Projects",
    icon: "projects",
    keywords: "tasks board documents kanban agents members environments",
    there: (at) => answers(at, "/api/projects") && may(at.me, "projects:read"),
  },
  {
    product: "hub",
    path: "/hub/models",
    title: "Models",
    icon: "models",
    group: "Gateway",
    keywords: "providers routes openai anthropic ollama aliases llm",
    there: hasGateway,
  },
  {
    product: "hub",
    path: "/hub/playground",
    title: "Playground",
    icon: "chat",
    group: "Gateway",
    keywords: "chat ask try prompt",
    there: (at) => hasGateway(at) && may(at.me, "ai:run"),
  },
  {
    product: "hub",
    path: "/hub/keys",
    title: "Model keys",
    icon: "keys",
    group: "Gateway",
    keywords: "virtual key token",
    there: hasGateway,
  },
  {
    product: "hub",
    path: "/hub/budgets",
    title: "Budgets",
    icon: "gauge",
    group: "Gateway",
    keywords: "limits money rate quota",
    there: hasGateway,
  },
  {
    product: "hub",
    path: "/hub/usage",
    title: "Usage",
    icon: "analytics",
    group: "Gateway",
    keywords: "cost tokens spend bill",
    there: hasGateway,
  },
  {
    product: "hub",
    path: "/hub/traffic",
    title: "Live traffic",
    icon: "traffic",
    group: "Gateway",
    keywords: "calls requests now",
    there: hasGateway,
  },
  {
    product: "hub",
    path: "/hub/recorded",
    title: "Recorded calls",
    icon: "recorded",
    group: "Gateway",
    keywords: "questions answers audit log prompts redacted",
    there: (at) => hasGateway(at) && may(at.me, "audit:view"),
  },
  {
    product: "hub",
    path: "/hub/policy",
    title: "Guardrails",
    icon: "shield",
    group: "Gateway",
    keywords: "cache policy redact pii injection schema",
    there: hasGateway,
  },
  {
    product: "hub",
    path: "/mcp-servers",
    title: "MCP servers",
    icon: "plug",
    group: "Agents",
    keywords: "tools agents model context protocol editor connect",
    there: hasMcp,
  },
  {
    product: "hub",
    path: "/mcp-servers/approvals",
    title: "Approvals",
    icon: "check",
    group: "Agents",
    keywords: "mcp approve deny waiting",
    there: (at) => hasMcp(at) && may(at.me, "mcp:approve"),
  },
  {
    product: "hub",
    path: "/mcp-servers/rules",
    title: "Rules",
    icon: "rules",
    group: "Agents",
    keywords: "mcp allow deny approve limits tools permissions",
    there: hasMcp,
  },
  {
    product: "hub",
    path: "/mcp-servers/calls",
    title: "Calls",
    icon: "calls",
    group: "Agents",
    keywords: "mcp log tools agents did",
    there: hasMcp,
  },
  { product: "code", path: "/code", title: "Repositories", icon: "code", keywords: "git gitea", there: runs("code") },
  {
    product: "platform",
    path: "/",
    title: "Overview",
    icon: "overview",
    keywords: "status health components home",
    there: () => true,
  },
  {
    product: "platform",
    path: "/people",
    title: "People",
    icon: "people",
    group: "Access",
    keywords: "members invite roles organisation",
    there: (at) => answers(at, "/api/identity/people") && may(at.me, "people:read"),
  },
  {
    product: "platform",
    path: "/organisations",
    title: "Organisations",
    icon: "organisations",
    group: "Access",
    keywords: "tenants owner",
    there: (at) => answers(at, "/api/identity/organisations") && isAdministrator(at.me),
  },
  {
    product: "platform",
    path: "/keys",
    title: "API keys",
    icon: "keys",
    group: "Access",
    keywords: "token scopes",
    there: (at) => answers(at, "/api/identity/keys") && may(at.me, "keys:read"),
  },
  {
    product: "platform",
    path: "/secrets",
    title: "Secrets",
    icon: "secrets",
    group: "Access",
    keywords: "1password env rotate",
    there: (at) => answers(at, "/api/secrets") && may(at.me, "secrets:read"),
  },
  {
    product: "platform",
    path: "/audit",
    title: "Audit",
    icon: "audit",
    group: "Access",
    keywords: "log who did what",
    there: (at) => answers(at, "/api/platform/audit") && may(at.me, "audit:view"),
  },
  {
    product: "platform",
    path: "/settings",
    title: "Settings",
    icon: "settings",
    group: "This platform",
    keywords: "configuration appearance theme dark light about version",
    there: (at) => at.me !== null,
  },
  {
    product: "platform",
    path: "/docs/",
    title: "Documentation",
    icon: "docs",
    group: "This platform",
    keywords: "help manual guide",
    there: () => true,
  },
];

/** The pages that are there for whoever is signed in: those of the table, then those that services declare. */
export function featuresOf(situation: Situation): Feature[] {
  return [...features, ...declaredFeatures(situation)].filter((feature) => feature.there(situation));
}

/** Those of a menu: a page with a part of its address left open is come to by links. */
function declaredFeatures({ context }: Situation): Feature[] {
  return context.pages
    .filter(({ path }) => !path.includes("$"))
    .map(({ product, path, title, icon, group, keywords, scope, administrator = false }) => ({
      ...{ product, path, title },
      icon: iconOf(icon),
      ...(group !== undefined && { group }),
      ...(keywords !== undefined && { keywords }),
      there: ({ me }) => (scope === undefined || may(me, scope)) && (!administrator || isAdministrator(me)),
    }));
}

/** Those that are part of this stack, each with the first page of its menu that the person may see. */
export function productsOf(situation: Situation): Product[] {
  const pages = featuresOf(situation);
  return products
    .filter((product) => product.there(situation))
    .map((product) => ({ ...product, path: pages.find((page) => page.product === product.id)?.path ?? product.path }));
}

/** Products that are not part of this stack and can be had elsewhere. */
export function absentOf(situation: Situation): { product: Product; absence: Absence }[] {
  return products.flatMap((product) => {
    const absence = product.there(situation) ? undefined : product.absence?.(situation);
    return absence ? [{ product, absence }] : [];
  });
}

/** The product whose page is open. */
export function productAt(situation: Situation, path: string): ProductId {
  const pages = [...features, ...declaredFeatures(situation)];
  return pages.find((page) => page.product !== "platform" && path.startsWith(page.path))?.product ?? "platform";
}

/** The product that a component belongs to; what nobody claims is the platform's. */
export function productOf(component: string): Product {
  const known = products.find((product) => product.components.includes(component));
  return known ?? (products.find(({ id }) => id === "platform") as Product);
}
