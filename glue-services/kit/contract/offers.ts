import { type Static, type TObject, Type } from "typebox";
import { Change, Need, type Step } from "../feed/feed.ts";
import { Found } from "../find/find.ts";
import { call, contract } from "./contract.ts";
import { GivenIdentity } from "./identity.ts";

const ToolAnswer = Type.Union([
  Type.Object({ data: Type.Record(Type.String(), Type.Unknown()) }),
  Type.Object({ text: Type.String() }),
]);

const OfferedByHost = Type.Object({
  service: Type.String(),
  name: Type.String(),
  title: Type.String(),
  description: Type.String(),
  input: Type.Unsafe<TObject>(Type.Object({})),
  scope: Type.String(),
  readOnly: Type.Boolean(),
  destructive: Type.Boolean(),
});
export type OfferedByHost = Static<typeof OfferedByHost>;

const asked = { service: Type.String(), identity: GivenIdentity };

/** What a host's services offer to all of the platform: tools for agents, their part of the overview, and things by name. */
export const offersContract = contract("host", {
  offers: call({
    input: Type.Object({}),
    output: Type.Object({
      calls: Type.Array(Type.String(), { description: "That its services provide: `knowledge.search`." }),
      tools: Type.Array(OfferedByHost),
      feeds: Type.Array(Type.String()),
      finds: Type.Array(Type.String()),
    }),
    idempotent: true,
    deadline: 3000,
  }),
  callTool: call({
    input: Type.Object({ ...asked, name: Type.String(), input: Type.Unknown() }),
    output: ToolAnswer,
    deadline: 300_000,
  }),
  needs: call({
    input: Type.Object({ ...asked, tz: Type.String() }),
    output: Type.Array(Need),
    idempotent: true,
    deadline: 5000,
  }),
  changes: call({ input: Type.Object(asked), output: Type.Array(Change), idempotent: true, deadline: 5000 }),
  steps: call({
    input: Type.Object(asked),
    output: Type.Unsafe<Partial<Record<Step, boolean>>>(Type.Record(Type.String(), Type.Boolean())),
    idempotent: true,
    deadline: 5000,
  }),
  find: call({
    input: Type.Object({ ...asked, words: Type.String() }),
    output: Type.Array(Found),
    idempotent: true,
    deadline: 2000,
  }),
});
