import { queryOptions } from "@tanstack/react-query";
import type { SecretEntry } from "../../../../../secrets/schemas.ts";
import { call } from "../../api/call.ts";

export const secretsQuery = queryOptions({
  queryKey: ["secrets"],
  queryFn: ({ signal }) => call<SecretEntry[]>("/api/secrets", { signal }),
});
