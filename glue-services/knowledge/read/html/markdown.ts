import type { Nodes, Root } from "hast";
import { toMdast } from "hast-util-to-mdast";
import { gfmToMarkdown } from "mdast-util-gfm";
import { defaultHandlers, toMarkdown } from "mdast-util-to-markdown";
import { textOf } from "./tree.ts";

/** A tree of HTML as Markdown: headings, lists, tables, fences; links and pictures as the words they show. */
export function toText(tree: Root): string {
  const mdast = toMdast(tree, {
    handlers: {
      // Where a link leads is kept with the page's links; in the text it would only be noise to whoever searches.
      a: (state, node) => state.all(node) as never,
      img: (_state, node) => ({ type: "text", value: String(node.properties.alt ?? "") }),
      pre: (_state, node) => code(node),
    },
    newlines: false,
  });
  return toMarkdown(mdast, {
    bullet: "-",
    fence: "`",
    fences: true,
    listItemIndent: "one",
    rule: "-",
    extensions: [gfmToMarkdown({ tablePipeAlign: false })],
    handlers: {
      break: () => "\n",
      text: (node, parent, state, info) => plain(defaultHandlers.text(node, parent, state, info)),
    },
  })
    .replace(/&#x20;/g, " ")
    .replace(/[ \t]+$/gm, "")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

function code(node: Nodes) {
  const classes = JSON.stringify("children" in node ? node.children : []);
  const lang = /"language-([^"]+)"/.exec(classes)?.[1];
  return { type: "code" as const, lang: lang ?? null, value: textOf(node) };
}

/** Names such as `snake_case` and addresses are found as they are written; what begins a line stays escaped. */
function plain(text: string): string {
  return text.replace(/(?<=[^\n])\\([_&[\]~:@])|(?<=[^\n\d])\\(\.)/g, "$1$2");
}
