/** What the chat pages share while the tab lives: the chosen models. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import type { ReasoningEffort } from "@/api/types";

interface ChatState {
  /** By thread id, "new" for the next new chat. */
  models: Record<string, string>;
  efforts: Record<string, ReasoningEffort | null>;
  chooseModel: (scope: string, model: string) => void;
  chooseEffort: (scope: string, effort: ReasoningEffort | null) => void;
}

export const useChat = create<ChatState>()(
  persist(
    (set) => ({
      models: {},
      efforts: {},
      chooseModel: (scope, model) => set(({ models }) => ({ models: { ...models, [scope]: model } })),
      chooseEffort: (scope, effort) => set(({ efforts }) => ({ efforts: { ...efforts, [scope]: effort } })),
    }),
    { name: "freehold.chat", storage: createJSONStorage(() => sessionStorage) },
  ),
);
