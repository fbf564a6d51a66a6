export { catalogueFolder, readUpstream, upstream, upstreams } from "./load.ts";
export * from "./schema.ts";
