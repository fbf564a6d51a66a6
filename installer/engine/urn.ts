export const stackType = "pulumi:pulumi:Stack";

/** `urn:pulumi:<stack>::<project>::<parent type$type>::<name>`; a child of the stack has no parent type. */
export function makeUrn(stack: string, project: string, parent: string, type: string, name: string): string {
  const parentType = parent === "" ? "" : urnType(parent, true);
  const qualified = parentType === "" || parentType === stackType ? type : `${parentType}$${type}`;
  return `urn:pulumi:${stack}::${project}::${qualified}::${name}`;
}

export function stackUrn(stack: string, project: string): string {
  return makeUrn(stack, project, "", stackType, `${project}-${stack}`);
}

export function urnName(urn: string): string {
  return urn.split("::").slice(3).join("::");
}

/** Type token of the resource; `qualified` adds those of its parents. */
export function urnType(urn: string, qualified = false): string {
  const type = urn.split("::")[2] ?? "";
  return qualified ? type : (type.split("$").at(-1) ?? "");
}
