/** What one does in a chat: send, answer again, continue, edit, stop. Each starts a run or changes the tree. */
import { queryClient } from "@/api/query-client";
import { createThread, patchThread, threadQuery } from "@/api/threads";
import { stopGeneration } from "@/api/turns";
import type { Message, Part, PartInput, ReasoningEffort, Thread } from "@/api/types";
import { useChat } from "./state";
import { isRunning, runTurn, setStopping, useRuns } from "./stream/runs";
import { leafUnder } from "./tree";

interface SendOptions {
  threadId: string;
  parentId: string | null;
  parts: PartInput[];
  model: string;
  effort: ReasoningEffort | null;
}

/** One's own message as it is shown until the server has it. */
function pendingMessage({ threadId, parentId, parts }: SendOptions): Message {
  return {
    id: "pending",
    thread_id: threadId,
    parent_id: parentId,
    role: "user",
    status: "complete",
    parts: parts.map((part): Part => (part.type === "text" ? part : { ...part, name: "", media_type: "" })),
    created_at: new Date().toISOString(),
  };
}

/** Sends a message and follows the answer, then what waits behind it. Rejects when the server did not take it. */
export async function send(options: SendOptions): Promise<void> {
  const { threadId, parentId, parts, model, effort } = options;
  const turn = { kind: "send" as const, parent_id: parentId, parts, model, reasoning_effort: effort };
  let final: Message | null;
  try {
    final = await runTurn({ threadId, turn, pending: pendingMessage(options) });
  } catch (error) {
    useChat.getState().setUnsent(threadId, parts);
    throw error;
  }
  await settle(threadId, final);
}

export async function regenerate(message: Message, model?: string): Promise<void> {
  const { thread_id: threadId, id } = message;
  await settle(threadId, await runTurn({ threadId, turn: { kind: "regenerate", message_id: id, model } }));
}

export async function continueAnswer(message: Message): Promise<void> {
  const { thread_id: threadId, id } = message;
  await settle(threadId, await runTurn({ threadId, turn: { kind: "continue", message_id: id } }));
}

/** After an answer: what waited is sent next, unless the answer failed; then it goes on waiting for a person to look. */
async function settle(threadId: string, final: Message | null): Promise<void> {
  if (final && final.status !== "failed") await sendQueued(threadId, final.id);
}

export async function sendQueued(threadId: string, parentId: string | null): Promise<void> {
  const { queues, unqueue } = useChat.getState();
  const [next] = queues[threadId] ?? [];
  if (!next || isRunning(threadId)) return;
  unqueue(threadId, next.id);
  await send({ threadId, parentId, parts: next.parts, model: next.model, effort: next.effort });
}

/** A new thread with a known id, so that its page can be opened before the server has answered. */
export async function startThread(id: string, model: string, projectId?: string): Promise<void> {
  const now = new Date().toISOString();
  const thread: Thread = {
    id,
    title: "",
    title_source: "none",
    project_id: projectId ?? null,
    model,
    state: "active",
    pinned: false,
    leaf_id: null,
    generating: false,
    unread: false,
    created_at: now,
    last_activity_at: now,
  };
  queryClient.setQueryData(threadQuery(id).queryKey, { thread, messages: [] });
  await createThread({ id, model, ...(projectId ? { project_id: projectId } : {}) });
}

/** Stops writing and keeps the text. Before the server told the generation's id there is nothing to stop yet. */
export async function stop(threadId: string): Promise<void> {
  const id = useRuns.getState().byThread[threadId]?.tail.generation?.id;
  if (!id) return;
  setStopping(threadId);
  await stopGeneration(id);
}

/** Shows the branch that goes through `messageId`. */
export async function showBranch(threadId: string, messageId: string): Promise<void> {
  const messages = queryClient.getQueryData(threadQuery(threadId).queryKey)?.messages ?? [];
  await patchThread(threadId, { leaf_id: leafUnder(messages, messageId) });
}
