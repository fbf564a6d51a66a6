/** The process that embeds: started by embedder.ts, so that neither its work nor a fault in it stops the gateway. */
import { setPriority } from "node:os";
import { type Embedded, openSentences, type Side } from "./sentences.ts";

export interface Ask {
  id: number;
  texts: string[];
  side: Side;
}
export type Told = ({ id: number } & Embedded) | { id: number; error: string };

const [, , library, folder, threads] = process.argv;
// Requests of people go before the embedding of a whole repository.
setPriority(5);
const sentences = openSentences(String(library), String(folder), Number(threads));
process.send?.({ ready: true });

process.on("message", ({ id, texts, side }: Ask) => {
  try {
    process.send?.({ id, ...sentences.embed(texts, side) } satisfies Told);
  } catch (error) {
    process.send?.({ id, error: error instanceof Error ? error.message : String(error) } satisfies Told);
  }
});
process.on("disconnect", () => process.exit(0));
