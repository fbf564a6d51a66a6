import { join } from "node:path";
import ts from "typescript";
import type { Goal } from "../../../installer/engine/index.ts";
import { reveal } from "../../../installer/engine/values.ts";
import { isOperators } from "./definitions.ts";

const root = join(import.meta.dirname, "..", "..", "..");

/**
 * What is wrong with the inputs of resources by the types of their provider's own SDK: a program is written that gives each
 * class just these inputs, and the compiler is asked. It knows fields at any depth, their kinds and their allowed words.
 */
export function typeProblems(goals: Goal[]): string[] {
  const checked = goals.flatMap((goal) => {
    const source = sourceOf(goal);
    return source ? [{ goal, ...source }] : [];
  });
  const classes = [...new Set(checked.map(({ module, name }) => `${name} from "${module}"`))];
  const imports = classes.map((one, index) => {
    const [name, from] = one.split(" from ");
    return `import type { ${name} as Class${index} } from ${from};`;
  });
  const head = [...imports, inputsOf];
  const lines = checked.map(({ goal, module, name }, index) => {
    const own = classes.indexOf(`${name} from "${module}"`);
    return `const it${index}: Inputs<typeof Class${own}> = ${JSON.stringify(reveal(goal.inputs))};`;
  });
  return compile([...head, ...lines].join("\n")).map(({ line, message }) => {
    const goal = checked[line - head.length]?.goal;
    return goal ? `${goal.type} ${goal.name}: ${message}` : message;
  });
}

const inputsOf =
  "type Inputs<Of extends new (...args: never[]) => unknown> = NonNullable<ConstructorParameters<Of>[1]>;";

/** Module and class of a resource of an SDK of Pulumi's; undefined for ours, for operators' kinds and for providers. */
export function sourceOf(goal: Goal): { module: string; name: string } | undefined {
  const [, sdk, path = "", name = ""] = /^(aws|docker|docker-build|kubernetes):([\w./]+):(\w+)$/.exec(goal.type) ?? [];
  if (!sdk || isOperators(goal)) return undefined;
  const file = name.charAt(0).toLowerCase() + name.slice(1);
  // Kubernetes has the group's domain in its types only, and the others have the file there.
  const inside = sdk === "kubernetes" ? `${path.replace(/\.[\w.]+\//, "/")}/${file}` : path.replace(/^index\/?/, "");
  return { module: `@pulumi/${sdk}/${inside || file}.js`, name };
}

function compile(text: string): { line: number; message: string }[] {
  const file = join(import.meta.dirname, "written-by-the-test.ts");
  const options: ts.CompilerOptions = {
    ...{ strict: true, noEmit: true, skipLibCheck: true, types: [], lib: ["lib.es2022.d.ts"] },
    ...{ target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.NodeNext },
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => name === file || fileExists(name);
  host.getSourceFile = (name, ...more) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...more);
  host.getCurrentDirectory = () => root;
  const program = ts.createProgram([file], options, host);
  const source = program.getSourceFile(file);
  return program.getSemanticDiagnostics(source).map(({ messageText, start = 0 }) => ({
    line: source?.getLineAndCharacterOfPosition(start).line ?? 0,
    message: ts.flattenDiagnosticMessageText(messageText, "\n").slice(0, 1000),
  }));
}
