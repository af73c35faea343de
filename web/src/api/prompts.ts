/** The prompt library. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { Prompt, PromptPut, PromptVersion } from "./types";

export const promptsQuery = queryOptions({
  queryKey: ["prompts"],
  queryFn: async (): Promise<Prompt[]> => (await body(api.GET("/api/prompts"))).items,
});

export function usePrompts() {
  return useQuery(promptsQuery);
}

export function usePromptVersions(id: string) {
  return useQuery({
    queryKey: ["prompts", id, "versions"],
    queryFn: (): Promise<PromptVersion[]> =>
      body(api.GET("/api/prompts/{prompt_id}/versions", { params: { path: { prompt_id: id } } })),
    staleTime: 0,
  });
}

const refresh = () => queryClient.invalidateQueries({ queryKey: promptsQuery.queryKey });

export async function makePrompt(wish: PromptPut): Promise<void> {
  await api.POST("/api/prompts", { body: wish });
  await refresh();
}

export async function changePrompt(id: string, wish: PromptPut): Promise<void> {
  await api.PUT("/api/prompts/{prompt_id}", { params: { path: { prompt_id: id } }, body: wish });
  await refresh();
}

export async function deletePrompt(id: string): Promise<void> {
  await api.DELETE("/api/prompts/{prompt_id}", { params: { path: { prompt_id: id } } });
  await refresh();
}

export async function restorePrompt(id: string, number: number): Promise<void> {
  await api.POST("/api/prompts/{prompt_id}/restore", {
    params: { path: { prompt_id: id } },
    body: { number },
  });
  await refresh();
}
