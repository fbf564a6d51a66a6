import { type Static, Type } from "typebox";

const Topic = Type.String({ pattern: "^[a-z][a-z0-9.-]*(/[A-Za-z0-9_.-]+)*$", maxLength: 200 });
/** Where a client is in a topic; opaque to it. */
const Position = Type.String({ pattern: "^[0-9a-z]+:[0-9]+$", maxLength: 64 });

/** What a client sends. `after` is the position of the last message it has seen. */
export const ClientMessage = Type.Union([
  Type.Object({ type: Type.Literal("subscribe"), topic: Topic, after: Type.Optional(Position) }),
  Type.Object({ type: Type.Literal("unsubscribe"), topic: Topic }),
]);
export type ClientMessage = Static<typeof ClientMessage>;

/**
 * What the server sends. `subscribed`: all messages after `at` follow, those that were missed first. `resync`: too much
 * was missed; read the data anew, messages after `at` follow. `refused`: there is no such topic, or not for this person;
 * a client cannot tell which.
 */
export const ServerMessage = Type.Union([
  Type.Object({ type: Type.Literal("subscribed"), topic: Topic, at: Position }),
  Type.Object({ type: Type.Literal("resync"), topic: Topic, at: Position }),
  Type.Object({ type: Type.Literal("message"), topic: Topic, at: Position, data: Type.Unknown() }),
  Type.Object({ type: Type.Literal("refused"), topic: Topic }),
  Type.Object({ type: Type.Literal("invalid"), message: Type.String() }),
]);
export type ServerMessage = Static<typeof ServerMessage>;
