/** Routing rules as administrators keep them, and what would become of a sample. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { Explanation, RouteGiven, RouteRule, RouteTest, Rules } from "./types";

const rulesQuery = queryOptions({
  queryKey: ["routing-rules"],
  // the client takes a pair for a list
  queryFn: () => body(api.GET("/api/routing/rules")) as Promise<Rules>,
  staleTime: 0,
});

export const useRules = () => useQuery(rulesQuery);

/** The rules and tests of the app as a whole; refused when a model is unknown or a test fails. */
export async function saveRules(rules: RouteRule[], tests: RouteTest[], seen: string | null): Promise<void> {
  const saved = await body(api.PUT("/api/routing/rules", { body: { rules, tests, seen } }));
  queryClient.setQueryData(rulesQuery.queryKey, saved as Rules);
}

/** What would become of a sample; with `rules` as if those were saved. */
export function explain(given: Partial<RouteGiven>): Promise<Explanation> {
  return body(api.POST("/api/routing/explain", { body: { given: given as RouteGiven } }));
}
