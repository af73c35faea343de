/** The generations this tab follows, by thread. They go on while one looks at another chat. */
import { create } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { ApiError } from "@/api/errors";
import { queryClient } from "@/api/query-client";
import { placeMessage, placeThread, threadQuery } from "@/api/threads";
import { type LoggedEvent, postTurn } from "@/api/turns";
import type { Message, Part, Stage, TurnNew } from "@/api/types";
import { emptyTail, lengthOf, type TailState } from "./reducer";
import { follow } from "./tail";

export interface Run {
  tail: TailState;
  /** The parts to show: never fewer than were on screen when this tab attached. */
  parts: Part[];
  /** One's own message until the server has it. */
  pending: Message | null;
  stopping: boolean;
}

interface Runs {
  byThread: Record<string, Run>;
}

export const useRuns = create<Runs>(() => ({ byThread: {} }));

export function useRun(threadId: string | undefined): Run | undefined {
  return useRuns((state) => (threadId ? state.byThread[threadId] : undefined));
}

/** What changes rarely about a run: for all that need not be drawn again with every word. */
export interface RunFacts {
  messageId: string | null;
  pending: Message | null;
  stage: Stage | null;
  stopping: boolean;
}

export function useRunFacts(threadId: string): RunFacts | undefined {
  const facts = useRuns(
    useShallow(({ byThread }) => {
      const run = byThread[threadId];
      if (!run) return null;
      const { messageId, stage } = run.tail;
      return { messageId, pending: run.pending, stage: messageId ? null : stage, stopping: run.stopping };
    }),
  );
  return facts ?? undefined;
}

export function isRunning(threadId: string): boolean {
  return threadId in useRuns.getState().byThread;
}

export function setStopping(threadId: string): void {
  change(threadId, (run) => ({ ...run, stopping: true }));
}

function change(threadId: string, update: (run: Run) => Run): void {
  useRuns.setState(({ byThread }) => {
    const run = byThread[threadId];
    return run ? { byThread: { ...byThread, [threadId]: update(run) } } : { byThread };
  });
}

function begin(threadId: string, pending: Message | null, parts: Part[]): void {
  const run: Run = { tail: emptyTail, parts, pending, stopping: false };
  useRuns.setState(({ byThread }) => ({ byThread: { ...byThread, [threadId]: run } }));
}

function end(threadId: string): void {
  useRuns.setState(({ byThread }) => {
    const { [threadId]: _ended, ...rest } = byThread;
    return { byThread: rest };
  });
}

/** Words are let out smoothly anyway, so this often is enough, in milliseconds. */
const PUBLISH_MS = 120;

/** Publishes states now and then, whatever the rate of events; the first and the last at once. */
function publisher(threadId: string, floor: number) {
  let latest = emptyTail;
  let timer = 0;
  const publish = () => {
    timer = 0;
    const tail = latest;
    change(threadId, (run) => {
      const caughtUp = tail.final !== null || lengthOf(tail.parts) >= floor;
      return {
        ...run,
        tail,
        parts: caughtUp ? tail.parts : run.parts,
        pending: tail.messageId ? null : run.pending,
      };
    });
  };
  return (tail: TailState) => {
    const first = latest.messageId === null || latest.stage !== tail.stage;
    latest = tail;
    if (first || tail.final) {
      window.clearTimeout(timer);
      publish();
    } else if (timer === 0) timer = window.setTimeout(publish, PUBLISH_MS);
  };
}

/** Rows that come with `start` and `finish` go to the cache, where the page reads them. */
function place({ event }: LoggedEvent): void {
  if (event.type === "start") {
    if (event.user_message) placeMessage(event.user_message);
    placeMessage(event.message);
    placeThread({ ...event.thread, leaf_id: event.message.id });
  } else if (event.type === "finish") {
    placeMessage(event.message);
    placeThread(event.thread);
  }
}

interface TurnOptions {
  threadId: string;
  turn: TurnNew;
  /** Shown at once as one's own message. */
  pending?: Message;
}

/** Starts a turn and follows it. Resolves when the answer ended; rejects when the server did not take the turn. */
export async function runTurn({ threadId, turn, pending }: TurnOptions): Promise<Message | null> {
  const key = crypto.randomUUID();
  const abort = new AbortController();
  begin(threadId, pending ?? null, []);
  const onState = publisher(threadId, 0);
  try {
    const start = () => postTurn(threadId, turn, key, abort.signal);
    const { final } = await follow({
      begin: start,
      signal: abort.signal,
      onState,
      onEvent: place,
    });
    return final;
  } finally {
    end(threadId);
  }
}

/** Follows an answer that is being written already, in this or another tab, or since before a reload. */
export async function attach(message: Message): Promise<void> {
  const { thread_id: threadId, generation_id: generationId } = message;
  if (!generationId || isRunning(threadId)) return;
  const abort = new AbortController();
  begin(threadId, null, message.parts);
  const onState = publisher(threadId, lengthOf(message.parts));
  try {
    await follow({ generationId, signal: abort.signal, onState, onEvent: place });
  } catch (error) {
    // gone from the log: it ended long ago, and the thread has the whole message
    if (!(error instanceof ApiError)) throw error;
  } finally {
    end(threadId);
    await queryClient.invalidateQueries(threadQuery(threadId));
  }
}
