/** What the chat pages share while the tab lives: the chosen models. */
import { create } from "zustand";
import { createJSONStorage, persist } from "zustand/middleware";
import type { Parameters } from "@/api/types";

interface ChatState {
  /** By thread id, "new" for the next new chat. */
  models: Record<string, string>;
  /** What the next new chat sets of its model; those of a chat are kept with it. */
  parameters: Parameters;
  /** The models that answer the next message beside the chosen one. */
  rivals: Record<string, string[]>;
  /** The model that answers the next message alone. */
  onces: Record<string, string | undefined>;
  chooseModel: (scope: string, model: string) => void;
  chooseParameters: (parameters: Parameters) => void;
  chooseRivals: (scope: string, models: string[]) => void;
  chooseOnce: (scope: string, model: string | undefined) => void;
}

export const useChat = create<ChatState>()(
  persist(
    (set) => ({
      models: {},
      parameters: {},
      rivals: {},
      onces: {},
      chooseModel: (scope, model) => set(({ models }) => ({ models: { ...models, [scope]: model } })),
      chooseRivals: (scope, models) => set(({ rivals }) => ({ rivals: { ...rivals, [scope]: models } })),
      chooseOnce: (scope, model) => set(({ onces }) => ({ onces: { ...onces, [scope]: model } })),
      chooseParameters: (parameters) => set({ parameters }),
    }),
    { name: "freehold.chat", storage: createJSONStorage(() => sessionStorage) },
  ),
);
