import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";

/**
 * Answers as GlitchTip 6 does to the calls that wiring makes: what its source says of sign-in by django-allauth, of forged
 * requests, of tokens that only a session may make, of scopes, and of what it refuses.
 */
export async function glitchtip({ email, password }: { email: string; password: string }) {
  const tokens = new Map<string, string[]>();
  const sessions = new Set<string>();
  const organisations: { name: string; slug: string; teams: string[]; projects: Project[] }[] = [];
  const asked: string[] = [];
  let secondFactor = false;

  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url ?? "", "http://tracker");
    asked.push(`${request.method} ${pathname}`);
    const body = await read(request);
    const { status, answer, cookie } = respond(request, pathname, body);
    const headers = { "content-type": "application/json", ...(cookie && { "set-cookie": cookie }) };
    response.writeHead(status, headers).end(JSON.stringify(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ asked, organisations, tokens, sessions },
    forget: () => tokens.clear(),
    requireSecondFactor: () => {
      secondFactor = true;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };

  function respond(request: IncomingMessage, path: string, body: Record<string, unknown>): Reply {
    const cookies = Object.fromEntries(
      (request.headers.cookie ?? "").split("; ").map((one) => one.split("=") as [string, string]),
    );
    const forged =
      !/^[a-zA-Z0-9]{32}$/.test(cookies.csrftoken ?? "") || cookies.csrftoken !== request.headers["x-csrftoken"];
    if (path === "/_allauth/browser/v1/auth/login") {
      if (forged) return { status: 403, answer: { detail: "CSRF" } };
      if (body.email !== email || body.password !== password)
        return { status: 400, answer: { errors: [{ code: "email_password_mismatch" }] } };
      if (secondFactor)
        return { status: 401, answer: { data: { flows: [{ id: "mfa_authenticate", is_pending: true }] } } };
      const session = `s${sessions.size}`;
      sessions.add(session);
      return {
        status: 200,
        answer: { meta: { is_authenticated: true } },
        cookie: [`csrftoken=${"x".repeat(32)}; Path=/`, `sessionid=${session}; HttpOnly`],
      };
    }
    if (path === "/api/0/api-tokens/") {
      if (!sessions.has(cookies.sessionid ?? "")) return { status: 401, answer: { detail: "Unauthorized" } };
      if (forged) return { status: 403, answer: { detail: "CSRF check Failed" } };
      const token = `token-${tokens.size}-${Math.random()}`;
      tokens.set(token, body.scopes as string[]);
      return { status: 201, answer: { id: 1, label: body.label, scopes: body.scopes, token } };
    }
    const scopes = tokens.get((request.headers.authorization ?? "").replace(/^Bearer /, ""));
    if (!scopes) return { status: 401, answer: { detail: "Unauthorized" } };
    const wants = (scope: string) => scopes.includes(scope);
    const [, one, slug = "", two, three, four] = path.replace("/api/0", "").split("/");
    const post = request.method === "POST";
    if (one === "organizations" && slug === "") {
      if (!post)
        return wants("org:read")
          ? { status: 200, answer: organisations.map(({ name, slug }) => ({ name, slug })) }
          : denied;
      if (!wants("org:write")) return denied;
      const made = { name: String(body.name), slug: slugify(String(body.name)), teams: [], projects: [] };
      organisations.push(made);
      return { status: 201, answer: made };
    }
    const own = organisations.find((each) => each.slug === (one === "organizations" ? slug : slug));
    if (!own) return { status: 404, answer: { detail: "Not Found" } };
    if (one === "organizations" && two === "teams") {
      if (!post) return { status: 200, answer: own.teams.map((team) => ({ slug: team })) };
      own.teams.push(String(body.slug));
      return { status: 201, answer: { slug: body.slug } };
    }
    if (one === "organizations" && two === "projects") return { status: 200, answer: own.projects };
    if (one === "teams" && three === "projects" && post) {
      if (!own.teams.includes(two ?? "")) return { status: 404, answer: { detail: "Not Found" } };
      const id = own.projects.length + 1;
      const made = {
        id: String(id),
        name: String(body.name),
        slug: slugify(String(body.name)),
        platform: body.platform,
      };
      own.projects.push(made);
      return { status: 201, answer: made };
    }
    if (one === "projects" && three === "keys") {
      const project = own.projects.find((each) => each.slug === two);
      if (!project) return { status: 404, answer: { detail: "Not Found" } };
      // Each project has a key from the first.
      return {
        status: 200,
        answer: [{ dsn: { public: `https://${"a".repeat(32)}@errors.example.com/${project.id}` } }],
      };
    }
    return { status: 404, answer: { detail: `Not Found ${four ?? ""}` } };
  }
}

interface Project {
  id: string;
  name: string;
  slug: string;
  platform: unknown;
}
interface Reply {
  status: number;
  answer: unknown;
  cookie?: string[];
}
const denied: Reply = { status: 403, answer: { detail: "Permission denied" } };

function slugify(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, "-");
}

async function read(request: IncomingMessage): Promise<Record<string, unknown>> {
  let text = "";
  for await (const piece of request) text += piece;
  return text === "" ? {} : JSON.parse(text);
}
