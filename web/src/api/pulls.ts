/** Downloads of models: asked for once, then kept fresh by the live connection. Administrators only. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { onLive } from "./live";
import { queryClient } from "./query-client";
import type { Pull } from "./types";
import { welcomeQuery } from "./welcome";

export const pullsQuery = queryOptions({
  queryKey: ["pulls"],
  queryFn: (): Promise<Pull[]> => body(api.GET("/api/pulls")),
});

export function usePulls(enabled = true) {
  return useQuery({ ...pullsQuery, enabled });
}

function placePull(pull: Pull): void {
  queryClient.setQueryData(pullsQuery.queryKey, (old) =>
    old?.some((item) => item.id === pull.id)
      ? old.map((item) => (item.id === pull.id ? pull : item))
      : [pull, ...(old ?? [])],
  );
}

onLive((event) => {
  if (event.type === "hello") void queryClient.invalidateQueries({ ...pullsQuery, refetchType: "active" });
  if (event.type !== "pull" || !event.pull) return;
  const pull = event.pull as unknown as Pull;
  placePull(pull);
  if (pull.state !== "running") void queryClient.invalidateQueries(welcomeQuery);
});

export async function startPull(provider: string, model: string): Promise<Pull> {
  const pull = await body(
    api.POST("/api/providers/{provider_id}/pulls", {
      params: { path: { provider_id: provider } },
      body: { model },
    }),
  );
  placePull(pull);
  return pull;
}

/** Stops a download, or takes an ended one from the list. What arrived is kept for the next try. */
export async function cancelPull(id: string): Promise<void> {
  await api.DELETE("/api/pulls/{pull_id}", { params: { path: { pull_id: id } } });
  queryClient.setQueryData(pullsQuery.queryKey, (old) => old?.filter((item) => item.id !== id));
  void queryClient.invalidateQueries(welcomeQuery);
}
