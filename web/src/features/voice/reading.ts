/** What is being read aloud, in this tab: one thing at a time. */
import { create } from "zustand";

export interface Reading {
  /** The message. */
  id: string;
  state: "loading" | "playing" | "paused";
}

export const useReading = create<{ reading: Reading | null }>(() => ({ reading: null }));
