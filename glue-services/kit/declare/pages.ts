import { type Static, Type } from "typebox";

export const productIds = ["hub", "code", "runtime", "analytics", "platform"] as const;

/**
 * A page of the dashboard. Its component is the export `Page` of `web/<component>.page.tsx` in the service's folder, a
 * script of its own that is fetched when somebody opens it, or before that when the browser has nothing else to do.
 */
export const PageDeclaration = Type.Object({
  path: Type.String({ description: "Its address; `$name` stands for a part, and such a page is in no menu." }),
  component: Type.String({ description: "Names its file." }),
  title: Type.String(),
  icon: Type.String({ description: "One of icon-paths.ts of the dashboard." }),
  product: Type.Enum([...productIds], { description: "In whose menu it stands." }),
  group: Type.Optional(Type.String({ description: "Under which heading it stands in the menu." })),
  keywords: Type.Optional(Type.String({ description: "Words by which the command palette finds it too." })),
  scope: Type.Optional(Type.String({ description: "Who does not have it is not offered the page." })),
  administrator: Type.Optional(Type.Boolean({ description: "It is for administrators of the platform." })),
});
export type PageDeclaration = Static<typeof PageDeclaration>;

/** A page, and the service whose folder it is in. */
export const ServicePage = Type.Object({ service: Type.String(), ...PageDeclaration.properties });
export type ServicePage = Static<typeof ServicePage>;
