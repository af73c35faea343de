/** Changes of many chats: one request each, and the server says how to take it back. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { api, body } from "./client";
import { queryClient } from "./query-client";
import type { ThreadCounts, ThreadsChange, ThreadsChanged } from "./types";

/** Of one request; the server takes no larger bodies. */
const MAX_IDS = 20_000;

export const countsQuery = queryOptions({
  queryKey: ["threads-counts"],
  queryFn: (): Promise<ThreadCounts> => body(api.GET("/api/threads/counts")),
  staleTime: 0,
});

export function useThreadCounts() {
  return useQuery(countsQuery);
}

export async function changeThreads(changes: ThreadsChange[]): Promise<ThreadsChanged> {
  try {
    return await body(api.PATCH("/api/threads", { body: { changes } }));
  } finally {
    await reloadThreads();
  }
}

/** Takes back what `changeThreads` did; in several requests only when one would be too large. */
export async function takeBack(undo: ThreadsChange[]): Promise<void> {
  const small = undo.reduce((sum, change) => sum + (change.ids?.length ?? 0), 0) <= MAX_IDS;
  for (const changes of small ? [undo] : undo.map((change) => [change])) await changeThreads(changes);
}

/** Many chats changed, here or elsewhere: every list is asked for once more. */
export async function reloadThreads(): Promise<void> {
  await Promise.all(
    ["threads", "threads-counts", "projects", "thread"].map((key) =>
      queryClient.invalidateQueries({ queryKey: [key] }),
    ),
  );
}
