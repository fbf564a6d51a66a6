import { Type } from "typebox";
import { byPulumi } from "./kinds.ts";

export const Runtime = Type.Object(
  {
    redirects: Type.Array(
      Type.String({
        pattern: "^[a-z][a-z0-9+.-]*://[^\\s,]+$",
        maxLength: 300,
        "x-allowed":
          "an address such as https://app.example.com/**, with * and ** for parts of it, or one of an app's own scheme",
      }),
      {
        title: "Addresses of apps",
        description:
          "Where sign-in may send people back to: from links in mail and from other providers of sign-in. The first one without a star is where they go when an app names none. Without any, only the runtime's own address.",
        default: [],
        examples: [["https://app.example.com", "https://*.preview.example.com/**"]],
        maxItems: 200,
        "x-stacks": byPulumi,
      },
    ),
    mail: Type.Optional(
      Type.Object(
        {
          host: Type.String({
            title: "Mail relay",
            description: "Host that takes mail of sign-in from the stack's addresses, without a password.",
            examples: ["smtp.example.com"],
            format: "domain",
            maxLength: 253,
            "x-allowed": "a host name or an address",
            "x-stacks": byPulumi,
          }),
          port: Type.Integer({
            title: "Port of the mail relay",
            description: "Port on which it takes mail; encrypted where it offers that (STARTTLS).",
            default: 587,
            examples: [25, 587],
            minimum: 1,
            maximum: 65_535,
            "x-stacks": byPulumi,
          }),
          from: Type.String({
            title: "Sender of mail",
            description: "Address that people's apps write from.",
            examples: ["apps@example.com"],
            format: "email",
            "x-allowed": "an e-mail address",
            "x-stacks": byPulumi,
          }),
        },
        {
          title: "Mail of apps",
          description:
            "How confirmations and links of sign-in reach people. Without it, and without Mailpit, nobody is asked to confirm an address.",
          additionalProperties: false,
        },
      ),
    ),
  },
  { title: "Runtime", description: "The backend of people's own apps.", additionalProperties: false },
);
