import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import type { System } from "./types";

/** The server as its administrator sees it. Asked anew whenever the page opens, then every half minute. */
export const systemQuery = queryOptions({
  queryKey: ["system"],
  queryFn: (): Promise<System> => body(api.GET("/api/system")),
  staleTime: 0,
  refetchInterval: 30_000,
});

export const useSystem = () => useQuery(systemQuery);
