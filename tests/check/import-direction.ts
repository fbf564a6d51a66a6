import { dirname, join, normalize } from "node:path";
import { read, sources } from "./sources.ts";

/** What services say of themselves: read by whoever must know of them. */
const declarations = ["glue-services/declared.ts", "glue-services/kit/declare/"];

/** Which folders a folder may import from besides itself; the first entry that matches an importing file counts. */
const allowed: { from: string; may: string[] }[] = [
  { from: "tests/", may: [""] },
  { from: "vitest.config.ts", may: ["tests/"] },
  { from: "configs/", may: [] },
  { from: "policy/", may: [] },
  { from: "glue-services/", may: ["glue-services/"] },
  { from: "images/", may: [] },
  { from: "components/provider/", may: ["components/error.ts"] },
  { from: "components/catalogue/", may: ["components/error.ts", "components/provider/platform.ts"] },
  {
    from: "components/primitives/",
    may: [
      "components/address.ts",
      "components/component.ts",
      "components/error.ts",
      "components/sdk.ts",
      "components/surroundings.ts",
      "components/provider/",
      "components/catalogue/",
    ],
  },
  { from: "components/", may: ["components/"] },
  // The configuration's schema is read by the program and by the installer.
  {
    from: "stacks/config/",
    may: ["components/error.ts", "components/catalogue/", "components/provider/login-name.ts", ...declarations],
  },
  { from: "stacks/", may: ["stacks/", "components/", ...declarations] },
  { from: "installer/engine/", may: ["components/provider/", "components/error.ts", "installer/process-identity.ts"] },
  {
    from: "installer/supervisor/",
    may: ["components/provider/", "components/error.ts", "installer/machine/", "installer/process-identity.ts"],
  },
  {
    from: "installer/artifacts/",
    may: ["components/provider/", "components/catalogue/", "components/error.ts", "installer/process-identity.ts"],
  },
  // References and the master key are read by services and by the command that looks after them.
  {
    from: "installer/",
    may: [
      "installer/",
      "stacks/",
      "components/",
      "policy/",
      ...declarations,
      "glue-services/secrets/backends/",
      "glue-services/secrets/master-key.ts",
      "glue-services/identity/rekey.ts",
      // Lines of logs read the same in the terminal and in the browser.
      "glue-services/platform/logs/line.ts",
      // An answer's type stands where its schema does.
      "glue-services/projects/schemas.ts",
    ],
  },
];

/** Imports that go against the direction stacks → products → primitives → provider, installer → stacks. */
export function importDirection(): string[] {
  return sources(".ts").flatMap((file) => imports(file).flatMap((target) => judge(file, target)));
}

function judge(file: string, target: string): string[] {
  const rule = allowed.find(({ from }) => file.startsWith(from));
  if (!rule) return [`${file}: no rule says what this folder may import`];
  if (file.startsWith(services) && !betweenServices(file, target)) {
    return [`${file} must not import ${target}: services use each other by contract.ts alone`];
  }
  if (target.startsWith(rule.from) || rule.may.some((prefix) => target.startsWith(prefix))) return [];
  return [`${file} must not import ${target}`];
}

const services = "glue-services/";

/** What a service may have of another: its contract. The host mounts them all, and pages show what their schemas say. */
function betweenServices(file: string, target: string): boolean {
  const [, from = ""] = file.split("/");
  const [, to = "", ...path] = target.split("/");
  if (from === to || from === "host" || from === "declared.ts" || to === "kit" || !target.startsWith(services))
    return true;
  if (file.startsWith("glue-services/dashboard/web/")) return !path.includes("app.ts");
  return path.join("/") === "contract.ts";
}

function imports(file: string): string[] {
  const found = read(file).matchAll(/(?:from|import\()\s*["'](\.{1,2}\/[^"']+)["']/g);
  return [...found].map(([, path = ""]) => normalize(join(dirname(file), path)));
}
