/** Curated answers, what is asked often, and the cache; for administrators. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { CacheInfo, FaqInfo, FaqNew, FaqPatch, FaqState } from "./types";

const faqQuery = queryOptions({
  queryKey: ["faq"],
  queryFn: (): Promise<FaqState> => body(api.GET("/api/faq")),
  staleTime: 0,
});

export const useFaq = () => useQuery(faqQuery);

const cacheQuery = queryOptions({
  queryKey: ["cache"],
  queryFn: (): Promise<CacheInfo> => body(api.GET("/api/cache")),
  staleTime: 0,
});

export const useCache = () => useQuery(cacheQuery);

const changed = () => queryClient.invalidateQueries({ queryKey: faqQuery.queryKey });

export async function addFaq(entry: FaqNew): Promise<FaqInfo> {
  const made = await body(api.POST("/api/faq", { body: entry }));
  await changed();
  return made;
}

export async function changeFaq(id: string, patch: FaqPatch): Promise<FaqInfo> {
  const entry = await body(
    api.PATCH("/api/faq/{entry_id}", { params: { path: { entry_id: id } }, body: patch }),
  );
  await changed();
  return entry;
}

export async function removeFaq(id: string): Promise<void> {
  await body(api.DELETE("/api/faq/{entry_id}", { params: { path: { entry_id: id } } }));
  await changed();
}

export async function dismissQuestion(key: string): Promise<void> {
  await body(api.DELETE("/api/faq/frequent/{key}", { params: { path: { key } } }));
  await changed();
}

export async function clearCache(): Promise<void> {
  await body(api.DELETE("/api/cache"));
}
