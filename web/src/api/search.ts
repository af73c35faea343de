import {
  infiniteQueryOptions,
  keepPreviousData,
  queryOptions,
  useInfiniteQuery,
  useQuery,
} from "@tanstack/react-query";
import { api, body } from "./client";
import type { SearchPage } from "./types";

export interface SearchFilter {
  q: string;
  model?: string;
  from?: string;
  hasFile?: boolean;
}

/** Whether there is anything in the text that can be searched for. */
export function isSearchable(q: string): boolean {
  return /[\p{L}\p{N}]/u.test(q);
}

interface Asked extends SearchFilter {
  cursor?: string;
  limit?: number;
}

async function search(
  { q, model, from, hasFile, cursor, limit }: Asked,
  signal: AbortSignal,
): Promise<SearchPage> {
  const query = { q, model, from, has_file: hasFile, cursor, limit };
  const page = await body(api.GET("/api/search", { params: { query }, signal }));
  return page as SearchPage; // the client takes pairs for lists of any length
}

/** Chats in whose title or messages every word is. What is found is not kept: it changes with every message. */
function firstFound(q: string) {
  return queryOptions({
    queryKey: ["search", "first", q],
    queryFn: ({ signal }) => search({ q, limit: 10 }, signal),
    staleTime: 0,
    gcTime: 0,
    retry: false,
  });
}

/** Nothing while `q` is empty; the answer to the last question stays until the next one is there. */
export function useSearch(q: string) {
  return useQuery({ ...firstFound(q), enabled: q !== "", placeholderData: keepPreviousData });
}

/** Page by page. What was asked before is given up as soon as something else is asked. */
function allFound(filter: SearchFilter) {
  return infiniteQueryOptions({
    queryKey: ["search", "all", filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) => search({ ...filter, cursor: pageParam }, signal),
    getNextPageParam: (page: SearchPage) => page.next_cursor ?? undefined,
    enabled: isSearchable(filter.q),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
    staleTime: 0,
  });
}

export function useSearchResults(filter: SearchFilter) {
  return useInfiniteQuery(allFound(filter));
}
