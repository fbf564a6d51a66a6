export { type Backend, type BackendName, backendNames, type Reason, titles, Unresolvable } from "./backend.ts";
export { envFile, readPrivate } from "./env-file.ts";
export { envLine, parseEnvText } from "./env-text.ts";
export { onepasswordConnect } from "./onepassword-connect.ts";
export { onepasswordOp } from "./onepassword-op.ts";
export { onepasswordSdk } from "./onepassword-sdk.ts";
export { accessNames, onepassword } from "./open.ts";
export { formatReference, isReference, type OpReference, parseReference, type Reference } from "./reference.ts";
export { type Resolver, resolver } from "./resolver.ts";
