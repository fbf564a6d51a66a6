import { queryOptions } from "@tanstack/react-query";
import type { RepositoriesTold, RepositoryTold, GitToken as Token } from "../../../../../code/schemas.ts";
import { call } from "../../api/call.ts";

export type Repositories = RepositoriesTold;
export type Repository = RepositoryTold;
export type GitToken = Token;

export const repositoriesQuery = queryOptions({
  queryKey: ["code", "repositories"],
  queryFn: ({ signal }) => call<Repositories>("/api/code/repositories", { signal }),
});
