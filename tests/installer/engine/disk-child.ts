import { bench } from "./bench.ts";
import { Thing } from "./thing-resource.ts";

// Brings up things in a folder whose disk is too small for their state; says the error's code as JSON.
const [folder = "", things = "", size = "0"] = process.argv.slice(2);
const b = bench(folder);
const providers = b.options("up", async () => {}).providers;
const elsewhere = (await import("./thing.ts")).thingProviders(things);
const program = async () => {
  let before: Thing | undefined;
  for (let i = 0; i < 12; i++)
    before = new Thing(`t${i}`, { content: "x".repeat(Number(size)) }, before ? { dependsOn: before } : {});
};
try {
  const { failed, changes } = await b.up(program, { providers: { ...providers, ...elsewhere } });
  console.log(JSON.stringify({ failed: failed.map(({ error }) => (error as { code?: string }).code), changes }));
} catch (error) {
  console.log(JSON.stringify({ code: (error as { code?: string }).code, message: (error as Error).message }));
}
