// What a service's `service.ts` is made of.

export type { CommandDeclaration, CommandGroup } from "./commands.ts";
export {
  type Declaration,
  declareService,
  demanded,
  type Offer,
  type ProcessGroup,
  processGroups,
  type Stack,
} from "./declaration.ts";
export { type PageDeclaration, productIds, ServicePage } from "./pages.ts";
export { referencePattern } from "./reference.ts";
export * as resource from "./resources.ts";
export { everyStack, type StackKind, stackKinds } from "./stack-kinds.ts";
