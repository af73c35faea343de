/** What the chat pages share while the tab lives: the chosen model, messages waiting their turn, what is being edited. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import type { PartInput, ReasoningEffort } from "@/api/types";

export interface QueuedMessage {
  id: string;
  parts: PartInput[];
  model: string;
  effort: ReasoningEffort | null;
}

interface ChatState {
  /** By thread id, "new" for the next new chat. */
  models: Record<string, string>;
  efforts: Record<string, ReasoningEffort | null>;
  queues: Record<string, QueuedMessage[]>;
  /** What the server did not take: goes back into the composer. */
  unsent: Record<string, PartInput[] | undefined>;
  setUnsent: (threadId: string, parts: PartInput[] | undefined) => void;
  chooseModel: (scope: string, model: string) => void;
  chooseEffort: (scope: string, effort: ReasoningEffort | null) => void;
  enqueue: (threadId: string, message: QueuedMessage) => void;
  unqueue: (threadId: string, id: string) => void;
}

export const useChat = create<ChatState>()(
  persist(
    (set) => ({
      models: {},
      efforts: {},
      queues: {},
      unsent: {},
      setUnsent: (threadId, parts) => set(({ unsent }) => ({ unsent: { ...unsent, [threadId]: parts } })),
      chooseModel: (scope, model) => set(({ models }) => ({ models: { ...models, [scope]: model } })),
      chooseEffort: (scope, effort) => set(({ efforts }) => ({ efforts: { ...efforts, [scope]: effort } })),
      enqueue: (threadId, message) =>
        set(({ queues }) => ({ queues: { ...queues, [threadId]: [...(queues[threadId] ?? []), message] } })),
      unqueue: (threadId, id) =>
        set(({ queues }) => ({
          queues: { ...queues, [threadId]: (queues[threadId] ?? []).filter((item) => item.id !== id) },
        })),
    }),
    { name: "freehold.chat", storage: createJSONStorage(() => sessionStorage) },
  ),
);

const none: QueuedMessage[] = [];
export const useQueue = (threadId: string) => useChat((state) => state.queues[threadId] ?? none);
