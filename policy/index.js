// Pulumi puts a compiler of its own before TypeScript that it starts itself; what this imports Node reads as it is.
import "./pack.ts";
