/** What stands in the form, kept while the tab lives. */
import { create } from "zustand";
import { type Ask, EMPTY } from "./request";

interface AskState {
  ask: Ask;
  set: (change: Partial<Ask>) => void;
}

export const useAsk = create<AskState>((set) => ({
  ask: EMPTY,
  set: (change) => set(({ ask }) => ({ ask: { ...ask, ...change } })),
}));
