import { QueryClient } from "@tanstack/react-query";
import { ApiError } from "./errors";

/** Live events keep the cache fresh, so nothing is fetched again merely because time passed. */
export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      retry: (count, error) => !(error instanceof ApiError && !error.problem.retryable) && count < 3,
    },
  },
});
