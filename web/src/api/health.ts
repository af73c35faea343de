/** How the deployments behind models and aliases are doing. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { DeploymentHealth } from "./types";

const LOOK_AGAIN_MS = 3_000;

const healthQuery = queryOptions({
  queryKey: ["routing-health"],
  queryFn: async (): Promise<DeploymentHealth[]> => (await body(api.GET("/api/routing/health"))).deployments,
  staleTime: 0,
  refetchInterval: LOOK_AGAIN_MS,
});

export const useHealth = () => useQuery(healthQuery);

/** Asks a deployment again at once. */
export async function resetDeployment(ref: string): Promise<void> {
  const { deployments } = await body(api.POST("/api/routing/reset", { body: { ref } }));
  queryClient.setQueryData(healthQuery.queryKey, deployments);
}
