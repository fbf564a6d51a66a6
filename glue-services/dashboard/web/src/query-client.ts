import { QueryCache, QueryClient } from "@tanstack/react-query";
import { Problem } from "./api/call.ts";
import { meQuery } from "./api/session.ts";

/** What was read is shown at once and read anew behind it. A refusal is not tried again; what may pass is, twice. */
export const client: QueryClient = new QueryClient({
  queryCache: new QueryCache({
    onError: (error, { queryKey }) => {
      // The membership has ended: the guard says so.
      if (error instanceof Problem && error.code === "NOT_A_MEMBER" && queryKey[0] !== meQuery.queryKey[0])
        void client.invalidateQueries({ queryKey: meQuery.queryKey });
      // The session has ended: the guard asks who is signed in and shows the way back.
      if (error instanceof Problem && error.status === 401) client.setQueryData(meQuery.queryKey, null);
    },
  }),
  defaultOptions: {
    queries: {
      networkMode: "always",
      staleTime: 5000,
      retry: (count, error) => count < 2 && !(error instanceof Problem && error.status >= 400 && error.status < 500),
      retryDelay: (attempt) => 300 * 2 ** attempt,
    },
    mutations: { networkMode: "always", retry: false },
  },
});
