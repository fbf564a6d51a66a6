import type { Element, Root } from "hast";
import { Parser } from "htmlparser2";
import { find as findProperty, html } from "property-information";

/** A page that is written as XML. Prefixes of names are dropped: what they stand for is XHTML or MathML. */
export function fromXml(source: string): Root {
  const root: Root = { type: "root", children: [] };
  const open: (Root | Element)[] = [root];
  const parser = new Parser(
    {
      onopentag(name, attributes) {
        const properties: Element["properties"] = {};
        for (const [key, value] of Object.entries(attributes)) {
          const { property } = findProperty(html, key.replace(/^xml:(?=lang$)/, ""));
          properties[property] = property === "className" ? value.split(/\s+/) : value;
        }
        const element: Element = { type: "element", tagName: localName(name), properties, children: [] };
        (open.at(-1) as Element).children.push(element);
        // The parser's cost grows with the depth of what it closes.
        if (open.push(element) > 5000) throw new RangeError("The markup is nested too deeply.");
      },
      onclosetag() {
        if (open.length > 1) open.pop();
      },
      ontext(value) {
        const { children } = open.at(-1) as Element;
        const last = children.at(-1);
        if (last?.type === "text") last.value += value;
        else children.push({ type: "text", value });
      },
    },
    // Entities are HTML's; `<div/>` and CDATA are XML's.
    { recognizeSelfClosing: true, recognizeCDATA: true, lowerCaseAttributeNames: false },
  );
  parser.end(source);
  return root;
}

function localName(name: string): string {
  return name.slice(name.indexOf(":") + 1).toLowerCase();
}
