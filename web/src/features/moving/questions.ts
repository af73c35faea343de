import { create } from "zustand";
import type { Thread } from "@/api/types";

export type MovingQuestion = { kind: "export" | "share"; thread: Thread };

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
