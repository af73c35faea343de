import { api, body } from "./client";
import { queryClient } from "./query-client";
import { placeMessage, threadQuery, updateMessages } from "./threads";
import type { FeedbackPut, Message, PartInput } from "./types";

export async function patchMessage(id: string, parts: PartInput[]): Promise<void> {
  placeMessage(
    await body(
      api.PATCH("/api/messages/{message_id}", { params: { path: { message_id: id } }, body: { parts } }),
    ),
  );
}

/** Keeps what one thinks of an answer; null takes it back. */
export async function rateMessage(message: Message, feedback: FeedbackPut | null): Promise<void> {
  const path = { params: { path: { message_id: message.id } } };
  placeMessage(
    await body(
      feedback
        ? api.PUT("/api/messages/{message_id}/feedback", { ...path, body: feedback })
        : api.DELETE("/api/messages/{message_id}/feedback", path),
    ),
  );
}

/** Forgets what a message says in another language. */
export async function removeTranslation(message: Message): Promise<void> {
  const path = { params: { path: { message_id: message.id } } };
  placeMessage(await body(api.DELETE("/api/messages/{message_id}/translation", path)));
}

/** A pinned message is always sent as it is, and never folded. */
export async function pinMessage(message: Message, pinned: boolean): Promise<void> {
  const path = { params: { path: { message_id: message.id } } };
  placeMessage(
    await body(
      pinned
        ? api.PUT("/api/messages/{message_id}/pin", path)
        : api.DELETE("/api/messages/{message_id}/pin", path),
    ),
  );
}

/** The message and what hangs below it on all branches, by their ids: what goes when it is deleted. */
export function withBelow(messages: Message[], id: string): Set<string> {
  const found = new Set([id]);
  // children come after their parents in the order of creation
  for (const item of messages) if (item.parent_id && found.has(item.parent_id)) found.add(item.id);
  return found;
}

/** The message and what hangs below it leave the view, so many as it returns. */
export function hideMessage(message: Message): number {
  let gone = new Set([message.id]);
  updateMessages(message.thread_id, (messages) => {
    gone = withBelow(messages, message.id);
    return messages.filter((item) => !gone.has(item.id));
  });
  return gone.size;
}

/** Deletes a message and what hangs below it, so many as it returns; `restoreMessage` brings them back. */
export async function deleteMessage(message: Message): Promise<number> {
  const count = hideMessage(message);
  await api.DELETE("/api/messages/{message_id}", { params: { path: { message_id: message.id } } });
  await queryClient.invalidateQueries(threadQuery(message.thread_id));
  return count;
}

export async function restoreMessage(message: Message): Promise<void> {
  await api.POST("/api/messages/{message_id}/restore", { params: { path: { message_id: message.id } } });
  await queryClient.invalidateQueries(threadQuery(message.thread_id));
}

/** An answer of the house was copied, from which routing learns; nobody waits for that, or misses it. */
export function noteCopied({ id, run, status }: Message): void {
  if (run?.self_hosted && status === "complete")
    void api
      .POST("/api/messages/{message_id}/copied", { params: { path: { message_id: id } } })
      .catch(() => {});
}
