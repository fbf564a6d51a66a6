// What other services may use of this one: import this file and nothing else of it.

export { type Shell, shellIn } from "./shell.ts";
