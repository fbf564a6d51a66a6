import { readFileSync } from "node:fs";
import { join } from "node:path";

const folder = join(import.meta.dirname, "look");
const styles = ["base", "navigation", "controls", "pages", "code"];
const scripts = [
  ...["index", "iife", "page", "menus", "forms", "dialogs", "copying", "editors", "sidebars", "pull-requests"],
  ...["repositories", "times", "names"],
];

/**
 * Files of Gitea's folder of customisations, by path: a way back to the platform, and a look and scripts of our own for
 * a Gitea without a frontend. Gitea compiled from its Go module has none; the official release and image bring theirs,
 * whose files have other names (with a hash), so these are never asked for there.
 *
 * @param platform address of the platform, for people
 */
export function look(platform: string): Record<string, string> {
  return {
    "templates/custom/extra_links.tmpl": `<a class="item" href="${attribute(platform)}">DevFlow</a>\n`,
    "templates/base/head_style.tmpl": headStyle,
    "public/assets/css/devflow.css": [...styles.map((name) => read(`${name}.css`)), utilities()].join("\n"),
    ...Object.fromEntries(scripts.map((name) => [`public/assets/js/${name}.js`, read(`${name}.js`)])),
  };
}

/** A name that the manifest of a built frontend knows is answered with a hash in it. */
const headStyle = `{{if eq (AssetURI "css/index.css") (print AssetUrlPrefix "/css/index.css")}}
<link rel="stylesheet" href="{{AssetURI "css/devflow.css"}}">
{{else}}
<link rel="stylesheet" href="{{AssetURI "css/index.css"}}">
<link rel="stylesheet" href="{{ctx.CurrentWebTheme.PublicAssetURI}}">
{{end}}`;

function read(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

function attribute(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");
}

/** Classes of one declaration each that Gitea's templates are written with. */
function utilities(): string {
  const rules: string[] = [];
  const rule = (name: string, ...declarations: string[]) =>
    rules.push(`.tw-${name.replaceAll(/[^\w-]/g, "\\$&")} { ${declarations.join("; ")} }`);
  const sides = {
    "": [""],
    x: ["-inline"],
    y: ["-block"],
    t: ["-top"],
    r: ["-right"],
    b: ["-bottom"],
    l: ["-left"],
  };
  for (const [side, ends] of Object.entries(sides)) {
    for (const size of [0, 0.5, 1, 2, 3, 4, 5, 6, 8]) {
      for (const end of ends) {
        rule(`m${side}-${size}`, `margin${end}: ${size * 4}px`);
        rule(`p${side}-${size}`, `padding${end}: ${size * 4}px`);
      }
    }
    rule(`m${side}-auto`, `margin${sides[side as keyof typeof sides][0]}: auto`);
  }
  for (const size of [0, 1, 2, 3, 4]) rule(`gap-${size}`, `gap: ${size * 4}px`);
  for (const [name, declaration] of Object.entries(single)) rule(name, declaration);
  return `${rules.join("\n")}\n`;
}

const single: Record<string, string> = {
  flex: "display: flex",
  "inline-flex": "display: inline-flex",
  block: "display: block",
  "inline-block": "display: inline-block",
  contents: "display: contents",
  hidden: "display: none !important",
  invisible: "visibility: hidden",
  "flex-1": "flex: 1",
  "flex-col": "flex-direction: column",
  "flex-wrap": "flex-wrap: wrap",
  "flex-shrink-0": "flex-shrink: 0",
  "shrink-0": "flex-shrink: 0",
  "items-center": "align-items: center",
  "items-start": "align-items: flex-start",
  "self-start": "align-self: flex-start",
  "justify-between": "justify-content: space-between",
  "justify-center": "justify-content: center",
  "justify-end": "justify-content: flex-end",
  "text-center": "text-align: center",
  "text-right": "text-align: right",
  "text-left": "text-align: left",
  "text-xs": "font-size: 12px",
  "text-18": "font-size: 18px",
  "text-red": "color: var(--bad)",
  "text-error-text": "color: var(--bad)",
  "text-green": "color: var(--good)",
  "text-yellow": "color: var(--warn)",
  "text-gold": "color: var(--warn)",
  "text-purple": "color: var(--merged)",
  "text-blue": "color: var(--accent)",
  "text-primary": "color: var(--accent)",
  "text-text": "color: var(--text)",
  "text-text-light": "color: var(--muted)",
  "text-text-light-2": "color: var(--muted)",
  "text-grey-light": "color: var(--muted)",
  "text-placeholder-text": "color: var(--muted)",
  "font-mono": "font-family: var(--mono)",
  "font-normal": "font-weight: 400",
  "font-semibold": "font-weight: 600",
  italic: "font-style: italic",
  "line-through": "text-decoration: line-through",
  "no-underline": "text-decoration: none",
  "w-full": "width: 100%",
  "w-auto": "width: auto",
  "h-full": "height: 100%",
  "max-w-2xl": "max-width: 42rem",
  "max-w-48": "max-width: 12rem",
  "max-w-[300px]": "max-width: 300px",
  "min-w-[120px]": "min-width: 120px",
  relative: "position: relative",
  border: "border: 1px solid var(--line)",
  rounded: "border-radius: 6px",
  "whitespace-nowrap": "white-space: nowrap",
  "whitespace-pre": "white-space: pre",
  "break-anywhere": "overflow-wrap: anywhere",
  "align-middle": "vertical-align: middle",
  "float-right": "float: right",
  "pointer-events-none": "pointer-events: none",
};
