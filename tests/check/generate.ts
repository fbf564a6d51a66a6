import { writeFile } from "node:fs/promises";
import { serviceIndex } from "./service-index.ts";

// The other generators read it, so a folder that came or went must stand in it before they are imported.
await writeFile("glue-services/declared.ts", serviceIndex());
const { generate } = await import("./generated.ts");
await generate();
