/** The generations this tab follows, by thread. They go on while one looks at another chat. */
import { create } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { ApiError, isSignedOut } from "@/api/errors";
import { type AskedTurn, dropTurn, keepTurn } from "@/api/outbox";
import { queryClient } from "@/api/query-client";
import { placeMessage, placeThread, recountProjects, threadQuery } from "@/api/threads";
import { type LoggedEvent, postTurn } from "@/api/turns";
import type { Message, Part, Stage } from "@/api/types";
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
    // a copy of the thread that is on its way may be from before the turn
    const query = threadQuery(event.thread.id);
    if (queryClient.isFetching(query)) void queryClient.invalidateQueries(query);
  } else if (event.type === "finish") {
    placeMessage(event.message);
    placeThread(event.thread);
  }
}

/**
 * Starts a turn and follows it; `pending` is shown at once as one's own message. It is in the outbox until the server
 * has taken it, which `onTaken` hears. Resolves when the answer ended; rejects when the server did not take the turn.
 */
export async function runTurn(
  asked: AskedTurn,
  pending: Message | null,
  onTaken?: () => void,
): Promise<Message | null> {
  const { key, threadId, turn } = asked;
  keepTurn(asked);
  const abort = new AbortController();
  begin(threadId, pending, []);
  const onState = publisher(threadId, 0);
  let taken = false;
  try {
    const start = () => postTurn(threadId, turn, key, abort.signal);
    const onEvent = (event: LoggedEvent) => {
      place(event);
      if (taken) return;
      taken = true;
      dropTurn(key);
      if (turn.kind === "send" && turn.first?.project_id) recountProjects();
      onTaken?.();
    };
    const { final } = await follow({ begin: start, signal: abort.signal, onState, onEvent });
    return final;
  } catch (error) {
    if (!isSignedOut(error)) dropTurn(key);
    throw error;
  } finally {
    end(threadId);
  }
}

/** Follows an answer that is being written already, in this or another tab, or since before a reload. */
export async function attach(message: Message): Promise<Message | null> {
  const { thread_id: threadId, generation_id: generationId } = message;
  if (!generationId || isRunning(threadId)) return null;
  const abort = new AbortController();
  begin(threadId, null, message.parts);
  const onState = publisher(threadId, lengthOf(message.parts));
  try {
    const { final } = await follow({ generationId, signal: abort.signal, onState, onEvent: place });
    return final;
  } catch (error) {
    // gone from the log: it ended long ago, and the thread has the whole message
    if (!(error instanceof ApiError)) throw error;
    return null;
  } finally {
    end(threadId);
    await queryClient.invalidateQueries(threadQuery(threadId));
  }
}
