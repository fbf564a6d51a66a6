import { Fragment } from "react";
import { atCommands } from "./split.ts";

/** A sentence in which commands stand in backquotes, as code that is marked and copied whole. */
export function Prose({ children }: { children: string }) {
  const parts = atCommands(children);
  return parts.map((part, index) =>
    index % 2 === 1 ? <code key={index}>{part}</code> : <Fragment key={index}>{part}</Fragment>,
  );
}
