/** What is remembered of oneself, and what a model in the house proposes to remember. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { onLive } from "./live";
import { queryClient } from "./query-client";
import type { FactInfo, FactNew, FactPatch } from "./types";

export const factsQuery = queryOptions({
  queryKey: ["memory"],
  queryFn: (): Promise<FactInfo[]> => body(api.GET("/api/memory/facts")),
});

export function useFacts(enabled = true) {
  return useQuery({ ...factsQuery, enabled });
}

onLive((event) => {
  if (event.type !== "hello" && event.type !== "memory") return;
  const renew = () => void queryClient.invalidateQueries(factsQuery);
  const state = queryClient.getQueryState(factsQuery.queryKey);
  // a first fetch under way is not begun anew by this, and may have been answered before what is told happened
  if (state?.fetchStatus === "fetching" && state.data === undefined)
    void queryClient.fetchQuery(factsQuery).then(renew, renew);
  else renew();
});

function change(how: (facts: FactInfo[]) => FactInfo[]): void {
  queryClient.setQueryData(factsQuery.queryKey, (old) => old && how(old));
}

export async function addFact(fact: FactNew): Promise<FactInfo> {
  const made = await body(api.POST("/api/memory/facts", { body: fact }));
  change((facts) => [made, ...facts.filter(({ id }) => id !== made.id)]);
  return made;
}

export async function changeFact(id: string, patch: FactPatch): Promise<void> {
  const made = await body(
    api.PATCH("/api/memory/facts/{fact_id}", { params: { path: { fact_id: id } }, body: patch }),
  );
  change((facts) => facts.map((fact) => (fact.id === id ? made : fact)));
}

export async function removeFact(id: string): Promise<void> {
  await api.DELETE("/api/memory/facts/{fact_id}", { params: { path: { fact_id: id } } });
  change((facts) => facts.filter((fact) => fact.id !== id));
}

/** Everything, or what belongs to one project. */
export async function clearFacts(projectId?: string): Promise<void> {
  await api.DELETE("/api/memory/facts", { params: { query: { project_id: projectId } } });
  change((facts) => (projectId ? facts.filter((fact) => fact.project_id !== projectId) : []));
}
