import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { headingId } from "../../glue-services/platform/docs/heading-id.ts";
import { plain, sectionsOf, tableOf } from "./markdown-tables.ts";

const folder = "docs/prds";
const measurements = "docs/measurements.md";
const comparison = `${folder}/comparison.md`;
const libraries = "docs/decisions/libraries.md";
const parts = ["Goals", "Users", "Architecture", "Wire contracts", "Success metrics", "Risks", "Requirements"];
/** A test in a page: "its title" (`its file`). */
const quoted = /"([^"]+)" \(`(tests\/[^`]+)`\)/g;
/** What a requirement can be; what is there in part says what is missing. */
const states = { built: /^built$/, "in part": /^in part: .+/, "not built": /^not built(: .+)?$/ };

/** What the product specifications and the list of libraries say that is not so. @param root folder of the tree */
export function specifications(root = "."): string[] {
  const tree = openTree(root);
  const pages = pagesOf(root);
  const index = tree.text(`${folder}/README.md`);
  return [
    ...pages.flatMap((page, at) => judgePage(tree, `${folder}/${page}`, String(at + 1).padStart(3, "0"))),
    ...pages.filter((page) => !index.includes(`](${page})`)).map((page) => `${folder}/README.md does not list ${page}`),
    ...[`${folder}/README.md`, comparison, libraries].flatMap((file) => judgePaths(tree, file)),
    ...judgeMetrics(tree, comparison, "Measured in the same run"),
    ...tableOf(tree.text(libraries), "Libraries that are given").flatMap(judgeLibrary(tree)),
  ];
}

/** The index's table: each page with how many of its requirements are in which state. */
export function specificationIndex(root = "."): string {
  const rows = pagesOf(root).map((page) => {
    const text = readFileSync(join(root, folder, page), "utf8");
    const said = tableOf(text, "Requirements").map(([, , , state = ""]) => state);
    const counts = Object.values(states).map((state) => said.filter((one) => state.test(one)).length);
    return `| [${/^# (.+)$/m.exec(text)?.[1]}](${page}) | ${counts.join(" | ")} |`;
  });
  return [`| page | ${Object.keys(states).join(" | ")} |`, "| --- | --- | --- | --- |", ...rows].join("\n");
}

type Tree = ReturnType<typeof openTree>;

function openTree(root: string) {
  const read = new Map<string, string>();
  const there = new Map<string, boolean>();
  let measured: Map<string, string[][]> | undefined;
  const tree = {
    has(path: string): boolean {
      const found = there.get(path) ?? existsSync(join(root, path));
      there.set(path, found);
      return found;
    },
    /** Rows of the measurements by the id of their heading. */
    measured: () => (measured ??= sectionsOf(tree.text(measurements))),
    text(path: string): string {
      const text = read.get(path) ?? (existsSync(join(root, path)) ? readFileSync(join(root, path), "utf8") : "");
      read.set(path, text);
      return text;
    },
  };
  return tree;
}

function pagesOf(root: string): string[] {
  return readdirSync(join(root, folder))
    .filter((name) => /^\d.*\.md$/.test(name))
    .sort();
}

function judgePage(tree: Tree, file: string, number: string): string[] {
  const text = tree.text(file);
  const found = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title ?? "");
  return [
    ...(text.startsWith(`# ${number} `) ? [] : [`${file} does not begin with "# ${number} "`]),
    ...parts.filter((part) => !found.includes(part)).map((part) => `${file} has no part "${part}"`),
    ...judgePaths(tree, file),
    ...judgeMetrics(tree, file, "Success metrics"),
    ...tableOf(text, "Requirements").flatMap((row) => judgeRequirement(row).map((why) => `${file}: ${why}`)),
  ];
}

/** Links between files, with their places, paths in backticks, and tests by their titles. */
function judgePaths(tree: Tree, file: string): string[] {
  const text = tree.text(file);
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) => {
    const [path = "", place] = target.split("#");
    if (/^[a-z]+:/.test(target)) return [];
    const to = path === "" ? file : normalize(join(dirname(file), path));
    if (!tree.has(to)) return [`${file} links to ${target}, which is not there`];
    const ids = [...tree.text(to.endsWith(".md") ? to : "").matchAll(/^#+ (.+)$/gm)].map(([, title = ""]) =>
      headingId(title),
    );
    return place === undefined || ids.includes(place) ? [] : [`${file} links to ${target}, which has no such heading`];
  });
  const named = pathsIn(text).filter((path) => !tree.has(path));
  const tests = [...text.matchAll(quoted)]
    .filter(([, title = "", at = ""]) => !titled(title).test(tree.text(at)))
    .map(([, title, at]) => `${file}: no test is called "${title}" in ${at}`);
  return [...links, ...named.map((path) => `${file} names ${path}, which is not there`), ...tests];
}

function judgeRequirement([what = "", where = "", tests = "", state = ""]: string[]): string[] {
  const built = !state.startsWith("not built");
  const rest = tests.replaceAll(quoted, "").replaceAll(/[;–\s]/g, "");
  return [
    ...(Object.values(states).some((one) => one.test(state)) ? [] : [`"${what}" has no known state: ${state}`]),
    ...(built === pathsIn(where).length > 0 ? [] : [`"${what}" is ${state}, and where is: ${where}`]),
    ...(state !== "built" || tests.includes('"') ? [] : [`"${what}" is built, and no test shows it`]),
    ...(rest === "" ? [] : [`"${what}": a test is "its title" (\`its file\`), not: ${tests}`]),
  ];
}

function judgeMetrics(tree: Tree, file: string, heading: string): string[] {
  return tableOf(tree.text(file), heading).flatMap((row) => judgeMetric(tree, row).map((why) => `${file}: ${why}`));
}

/** A measured value stands in the row of the measurements that is named, as it is there. */
function judgeMetric(tree: Tree, [what = "", , measured = "", row = ""]: string[]): string[] {
  if (measured === "not measured") return row === "–" ? [] : [`"${what}" is not measured, and names ${row}`];
  const [, place = "", name = ""] = /^\[.+\]\(\.\.\/measurements\.md#(.+?)\): (.+)$/.exec(row) ?? [];
  const rows = (tree.measured().get(place) ?? []).filter(([first = ""]) => plain(first) === plain(name));
  if (rows.length === 0) return [`"${what}": ${measurements} has no row ${row}`];
  const there = rows.some((cells) => cells.slice(1).some((cell) => plain(cell) === measured));
  return there ? [] : [`"${what}": ${measured} is not what ${measurements} has in the row ${name}`];
}

/** Where a library is said to be used its name stands in quotes, as an import has it. */
function judgeLibrary(tree: Tree) {
  return ([library = "", where = ""]: string[]): string[] => {
    const name = plain(library);
    return pathsIn(where)
      .filter((path) => !tree.text(path).includes(`"${name}`))
      .map((path) => `${libraries}: ${path} does not use ${name}`);
  };
}

/** `…` stands for what a test puts into its title. */
function titled(title: string): RegExp {
  const text = title
    .split("…")
    .map((part) => part.replaceAll(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
    .join("\\$\\{[^}]*\\}");
  return new RegExp(`\\(\\s*(["'\`])${text}\\1`);
}

function pathsIn(text: string): string[] {
  const found = text.matchAll(
    /`((?:components|configs|docs|glue-services|images|installer|policy|stacks|tests)\/[^`\s]*)`/g,
  );
  return [...found].map(([, path = ""]) => path);
}
