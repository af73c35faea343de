import { api, body } from "./client";
import { queryClient } from "./query-client";
import { placeMessage, threadQuery, updateMessages } from "./threads";
import type { Message, PartInput } from "./types";

export async function patchMessage(id: string, parts: PartInput[]): Promise<void> {
  placeMessage(
    await body(
      api.PATCH("/api/messages/{message_id}", { params: { path: { message_id: id } }, body: { parts } }),
    ),
  );
}

/** The message and what hangs below it leave the view; `restoreMessage` brings them back. */
export async function deleteMessage(message: Message): Promise<void> {
  updateMessages(message.thread_id, (messages) => {
    const gone = new Set([message.id]);
    // children come after their parents in the order of creation
    for (const item of messages) if (item.parent_id && gone.has(item.parent_id)) gone.add(item.id);
    return messages.filter((item) => !gone.has(item.id));
  });
  await api.DELETE("/api/messages/{message_id}", { params: { path: { message_id: message.id } } });
  await queryClient.invalidateQueries(threadQuery(message.thread_id));
}

export async function restoreMessage(message: Message): Promise<void> {
  await api.POST("/api/messages/{message_id}/restore", { params: { path: { message_id: message.id } } });
  await queryClient.invalidateQueries(threadQuery(message.thread_id));
}
