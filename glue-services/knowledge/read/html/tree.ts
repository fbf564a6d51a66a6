import type { Element, ElementContent, Nodes, Root, RootContent, Text } from "hast";

export type Parent = Root | Element;

export function isElement(node: Nodes | undefined, ...names: readonly string[]): node is Element {
  return node?.type === "element" && (names.length === 0 || names.includes(node.tagName));
}

export function named({ tagName }: Element, ...names: readonly string[]): boolean {
  return names.includes(tagName);
}

/** Every element below, parents before children. */
export function* elements(parent: Parent): Generator<Element> {
  for (const child of parent.children) {
    if (child.type !== "element") continue;
    yield child;
    yield* elements(child);
  }
}

export function find(parent: Parent, ...names: readonly string[]): Element | undefined {
  for (const one of elements(parent)) if (names.includes(one.tagName)) return one;
  return undefined;
}

/** The text of a node as it stands in the tree. */
export function textOf(node: Nodes): string {
  if (node.type === "text") return node.value;
  return "children" in node ? node.children.map(textOf).join("") : "";
}

/** The text on one line. */
export function lineOf(node: Nodes): string {
  return clean(textOf(node));
}

export function clean(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}

export function attribute({ properties }: Element, name: string): string | undefined {
  const value = properties[name];
  if (value === undefined || value === null || value === false) return undefined;
  return Array.isArray(value) ? value.join(" ") : String(value);
}

export function classes(element: Element): string[] {
  return (attribute(element, "className") ?? "").split(/\s+/).filter(Boolean);
}

export function text(value: string): Text {
  return { type: "text", value };
}

export function element(tagName: string, children: ElementContent[], properties = {}): Element {
  return { type: "element", tagName, properties, children };
}

/**
 * Replaces children, from the leaves up, by what `change` answers: nothing, other nodes, or undefined to leave one.
 */
export function rewrite(
  parent: Parent,
  change: (node: Element, parents: readonly Element[]) => ElementContent[] | undefined,
  parents: readonly Element[] = [],
): void {
  const above = parent.type === "element" ? [...parents, parent] : parents;
  (parent as Element).children = (parent.children as RootContent[]).flatMap((child) => {
    if (child.type !== "element") return [child as ElementContent];
    rewrite(child, change, above);
    return change(child, above) ?? [child];
  });
}
