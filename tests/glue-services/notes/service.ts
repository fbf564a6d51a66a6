import { Type } from "typebox";
import { declareService, everyStack, resource } from "../../../glue-services/kit/declare/index.ts";

/** The example of docs/development/glue-service.md: by-folder.test.ts adds it to a checkout by this folder alone. */
export const service = declareService({
  name: "notes",
  title: "Notes",
  description: "Notes of an organisation.",
  group: "core",
  memory: 4,
  needs: { database: resource.database },
  settings: {
    notes: Type.Object(
      {
        most: Type.Integer({
          title: "Most notes",
          description: "Notes that an organisation may have.",
          default: 1000,
          examples: [1000],
          minimum: 1,
          "x-stacks": everyStack,
        }),
      },
      { title: "Notes", description: "Notes of organisations.", additionalProperties: false },
    ),
  },
  scopes: { "notes:read": "Read notes", "notes:write": "Write notes" },
  pages: [
    {
      path: "/notes",
      component: "notes",
      title: "Notes",
      icon: "recorded",
      product: "hub",
      keywords: "write remember",
      scope: "notes:read",
    },
    { path: "/notes/$id", component: "note", title: "Note", icon: "recorded", product: "hub", scope: "notes:read" },
  ],
  commands: [
    {
      name: "notes",
      summary: "Write and read notes",
      commands: [
        {
          name: "list",
          summary: "List the newest notes",
          examples: [{ command: "./devflow notes list", does: "the newest notes" }],
          route: { method: "GET", path: "/api/notes" },
          columns: [
            { title: "NOTE", property: "text" },
            { title: "ID", property: "id" },
          ],
        },
        {
          name: "write",
          summary: "Write a note",
          arguments: [{ name: "text", description: "what it says", required: true, variadic: true }],
          examples: [{ command: "./devflow notes write buy milk", does: "a note for everybody of the organisation" }],
          route: { method: "POST", path: "/api/notes" },
        },
        {
          name: "show",
          summary: "Show a note",
          arguments: [{ name: "id", description: "its id", required: true }],
          examples: [{ command: "./devflow notes show ID", does: "one note as JSON" }],
          route: { method: "GET", path: "/api/notes/{id}" },
        },
      ],
    },
  ],
  async load({ settings }) {
    const { notesService } = await import("./notes.ts");
    return notesService(settings.notes);
  },
});
