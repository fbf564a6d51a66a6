import type { Element } from "hast";
import { attribute, elements, isElement, lineOf } from "./tree.ts";

/** A formula of MathML on one line: as its author wrote it where the page says so, else read off its structure. */
export function formula(math: Element): string {
  for (const one of elements(math)) {
    if (one.tagName === "annotation" && /tex/i.test(attribute(one, "encoding") ?? "")) return lineOf(one);
  }
  const alternative = attribute(math, "alttext") ?? attribute(math, "altText");
  return alternative?.trim() || linear(math);
}

function linear(node: Element): string {
  const parts = node.children.filter((one): one is Element => isElement(one) && !/^annotation/.test(one.tagName));
  if (parts.length === 0) return lineOf(node);
  const at = (index: number) => (parts[index] ? linear(parts[index]) : "");
  switch (node.tagName) {
    case "mfrac":
      return `${held(at(0))}/${held(at(1))}`;
    case "msup":
    case "mover":
      return `${held(at(0))}^${held(at(1))}`;
    case "msub":
    case "munder":
      return `${held(at(0))}_${held(at(1))}`;
    case "msubsup":
    case "munderover":
      return `${held(at(0))}_${held(at(1))}^${held(at(2))}`;
    case "msqrt":
      return `√(${parts.map(linear).join("")})`;
    case "mroot":
      return `√[${at(1)}](${at(0)})`;
    case "mtable":
      return `[${parts.map(linear).join("; ")}]`;
    case "mtr":
      return parts.map(linear).join(", ");
    case "mfenced":
      return `${attribute(node, "open") ?? "("}${parts.map(linear).join(", ")}${attribute(node, "close") ?? ")"}`;
    default:
      return parts.map(linear).join("");
  }
}

/** In brackets when it is more than one sign or word. */
export function held(part: string): string {
  return /^[\p{L}\p{N}\p{M}.]*$|^.$|^\(.*\)$/u.test(part) ? part : `(${part})`;
}
