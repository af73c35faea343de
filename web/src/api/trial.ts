/** The trial that freehold.yaml declares: another way for Auto to decide, on a share of the people. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { TrialState } from "./types";

const trialQuery = queryOptions({
  queryKey: ["trial"],
  queryFn: (): Promise<TrialState> => body(api.GET("/api/routing/trial")),
  staleTime: 0,
  // the guards are looked at as often
  refetchInterval: ({ state }) => (state.data?.trial ? 60_000 : false),
});

export const useTrial = () => useQuery(trialQuery);

/** Let a halted trial go on; only calls from now on are counted. */
export async function resumeTrial(): Promise<void> {
  queryClient.setQueryData(trialQuery.queryKey, await body(api.POST("/api/routing/trial/resume")));
}
