// The other generators read the index of services, so a folder that came or went must stand in it before they are imported.
import { writeFileSync } from "node:fs";
import { serviceIndex } from "./service-index.ts";

writeFileSync("glue-services/declared.ts", serviceIndex());
const { generate } = await import("./generated.ts");
await generate();
