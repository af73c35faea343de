import { create } from "zustand";
import { useMe } from "@/api/bootstrap";
import { useThread } from "@/api/threads";

interface Asked {
  text: string;
  threadId: string;
}

interface RememberState {
  asked: Asked | null;
  ask: (asked: Asked) => void;
  close: () => void;
}

/** What is about to be remembered; the dialog lets one word it first. */
export const useRemember = create<RememberState>((set) => ({
  asked: null,
  ask: (asked) => set({ asked }),
  close: () => set({ asked: null }),
}));

/** Whether something of this chat may be remembered: not while memory is off, and nothing of a temporary one. */
export function useMayRemember(threadId: string): boolean {
  const { memory } = useMe().preferences;
  const state = useThread(threadId).data?.thread.state;
  return memory && state !== undefined && state !== "temp";
}
