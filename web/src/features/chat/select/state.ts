/** Which messages of a chat are selected; nothing of it outlives the page. */
import { create } from "zustand";
import type { Message } from "@/api/types";
import { NOTHING, pick, pickAll, type Selection } from "@/features/chats/selection";

interface Selecting {
  /** The chat in which messages are being selected. */
  threadId: string | null;
  selection: Selection;
  /** The messages that can be selected, as they stand. */
  order: readonly string[];
}

const NONE: Selecting = { threadId: null, selection: NOTHING, order: [] };

export const useSelecting = create<Selecting>(() => NONE);

/** Whether messages of this chat are being selected: what can be done with a single one waits. */
export function useIsSelecting(threadId: string | undefined): boolean {
  return useSelecting((selecting) => threadId !== undefined && selecting.threadId === threadId);
}

export function beginSelecting({ id, thread_id: threadId }: Message): void {
  useSelecting.setState({ threadId, selection: { chosen: new Set([id]), anchor: id } });
}

export function endSelecting(): void {
  useSelecting.setState(NONE);
}

/** Selects the message or not any more; with `range` all from the one before to it. */
export function pickMessage(id: string, range: boolean): void {
  useSelecting.setState(({ selection, order }) => ({ selection: pick(selection, order, id, range) }));
}

/** Everything, or nothing when everything is selected already. */
export function pickEvery(): void {
  useSelecting.setState(({ selection, order }) => ({ selection: pickAll(selection, order) }));
}
