/** API keys: one's own, and for administrators everybody's. A secret is in no cache: whoever asked for it shows it. */
import { infiniteQueryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { KeyInfo, KeyNew, KeyPage, KeyPatch, KeyShown } from "./types";

/** Asked anew whenever the page opens: the last use moves by itself. */
export const keysQuery = infiniteQueryOptions({
  queryKey: ["keys"],
  initialPageParam: undefined as string | undefined,
  queryFn: ({ pageParam }): Promise<KeyPage> =>
    body(api.GET("/api/keys", { params: { query: { cursor: pageParam, limit: 100 } } })),
  getNextPageParam: (page: KeyPage) => page.next_cursor ?? undefined,
  select: ({ pages }) => pages.flatMap((page) => page.items),
  staleTime: 0,
});

export const useKeys = () => useInfiniteQuery(keysQuery);

const path = (id: string) => ({ params: { path: { key_id: id } } });
const again = () => queryClient.invalidateQueries({ queryKey: keysQuery.queryKey });

export async function createKey(wish: KeyNew): Promise<KeyShown> {
  const shown = await body(api.POST("/api/keys", { body: wish }));
  void again();
  return shown;
}

export async function changeKey(id: string, patch: KeyPatch): Promise<KeyInfo> {
  const info = await body(api.PATCH("/api/keys/{key_id}", { ...path(id), body: patch }));
  await again();
  return info;
}

/** A new secret; the older one works for `hours` more. */
export async function rotateKey(id: string, hours: number): Promise<KeyShown> {
  const shown = await body(
    api.POST("/api/keys/{key_id}/rotate", { ...path(id), body: { overlap_hours: hours } }),
  );
  void again();
  return shown;
}

export async function revokeKey(id: string): Promise<void> {
  await api.POST("/api/keys/{key_id}/revoke", path(id));
  await again();
}
