import { create } from "zustand";
import type { Thread } from "@/api/types";

export interface MovingQuestion {
  kind: "export" | "share";
  thread: Thread;
  /** The messages that are meant, by their ids; without them the chat. */
  selected?: string[];
}

interface MovingState {
  question: MovingQuestion | null;
  ask: (question: MovingQuestion) => void;
  close: () => void;
}

/** Which dialog about taking a chat elsewhere is open. */
export const useMoving = create<MovingState>((set) => ({
  question: null,
  ask: (question) => set({ question }),
  close: () => set({ question: null }),
}));
