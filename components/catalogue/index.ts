export { catalogueFolder, readUpstream, sourcesOf, upstream, upstreams } from "./load.ts";
export * from "./schema.ts";
