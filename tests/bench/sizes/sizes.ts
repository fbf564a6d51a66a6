/**
 * Writes the table of docs/measurements.md, section "Sizes", from what the programs of both kinds declare:
 * `node tests/bench/sizes/sizes.ts`. A test holds that it is current.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { between } from "../../check/generators.ts";
import { type Row, rowOf, tableOf, variants } from "./table.ts";

const file = new URL("../../../docs/measurements.md", import.meta.url);
const rows: Row[] = [];
for (const variant of variants) rows.push(await rowOf(variant));
writeFileSync(file, between(readFileSync(file, "utf8"), "sizes", tableOf(rows)));
// The SDK keeps a timer of its own.
process.exit(0);
