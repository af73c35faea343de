import { api, body } from "./client";
import { queryClient } from "./query-client";
import { threadQuery } from "./threads";
import type { Fold } from "./types";

/** Folds the shown branch but for its newest turns; a model in the house may take a while to write the summary. */
export async function foldThread(threadId: string): Promise<Fold> {
  const fold = await body(
    api.POST("/api/threads/{thread_id}/folds", { params: { path: { thread_id: threadId } } }),
  );
  await queryClient.invalidateQueries(threadQuery(threadId));
  return fold;
}

/** The originals are sent again; from then on the chat is folded only by hand. */
export async function undoFold(fold: Fold, threadId: string): Promise<void> {
  await api.DELETE("/api/threads/{thread_id}/folds/{fold_id}", {
    params: { path: { thread_id: threadId, fold_id: fold.id } },
  });
  await queryClient.invalidateQueries(threadQuery(threadId));
}
