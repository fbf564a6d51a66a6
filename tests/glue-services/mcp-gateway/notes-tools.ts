import { Type } from "typebox";
import { ApiError, type Service, tool } from "../../../glue-services/kit/index.ts";

/** A small service with tools for agents. */
export const notesWithTools: Service = {
  name: "scribbles",
  register() {},
  tools: [
    tool({
      name: "find_scribbles",
      title: "Find scribbles",
      description: "Finds scribbles by their words.",
      input: Type.Object({ query: Type.String({ minLength: 1 }) }, { additionalProperties: false }),
      scope: "scribbles:read",
      readOnly: true,
      async call({ query }, { identity, progress }) {
        progress(1, 2, "half way");
        if (query === "nothing") throw new ApiError("NOT_FOUND", "There is no such scribble.");
        if (query === "bug") throw new Error("secret detail");
        return { data: { organisation: identity.organisation, query } };
      },
    }),
    tool({
      name: "erase_scribbles",
      title: "Erase scribbles",
      description: "Erases every scribble.",
      input: Type.Object({}),
      scope: "scribbles:manage",
      destructive: true,
      call: async () => ({ text: "erased" }),
    }),
  ],
};
