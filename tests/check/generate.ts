import { generate } from "./generated.ts";

await generate();
