import { QueryClient } from "@tanstack/react-query";
import { ApiError, NotKept } from "./errors";

/** How often a request that failed is made once more. */
export const RETRIES = 3;

/** Live events keep the cache fresh, so nothing is fetched again merely because time passed. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      // without a network, too: what is kept on this device may answer
      networkMode: "offlineFirst",
      retry: (count, error) =>
        !(error instanceof NotKept || (error instanceof ApiError && !error.problem.retryable)) &&
        count < RETRIES,
    },
  },
});
