/**
 * The generations this tab follows. They go on while one looks at another chat. A turn that this tab takes is kept by its
 * thread until it is over, because its message is not known at once; an answer that it attaches to, by its message.
 */
import { create } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { ApiError, isSignedOut } from "@/api/errors";
import { type AskedTurn, dropTurn, keepTurn } from "@/api/outbox";
import { queryClient } from "@/api/query-client";
import { placeMessage, placeThread, recountProjects, threadQuery, updateMessages } from "@/api/threads";
import { type LoggedEvent, postTurn } from "@/api/turns";
import type { Message, Part, Stage } from "@/api/types";
import { ALL } from "../tree";
import { emptyTail, lengthOf, type TailState } from "./reducer";
import { follow } from "./tail";

export interface Run {
  threadId: string;
  tail: TailState;
  /** The parts to show: never fewer than were on screen when this tab attached. */
  parts: Part[];
  /** One's own message until the server has it. */
  pending: Message | null;
  stopping: boolean;
}

interface Runs {
  byKey: Record<string, Run>;
}

export const useRuns = create<Runs>(() => ({ byKey: {} }));

type Writing = Pick<Message, "id" | "thread_id">;

function runOf({ byKey }: Runs, message: Writing): Run | undefined {
  const turn = byKey[message.thread_id];
  return turn?.tail.messageId === message.id ? turn : byKey[message.id];
}

/** The run that writes this message, for whoever is no component. */
export function runFor(message: Writing): Run | undefined {
  return runOf(useRuns.getState(), message);
}

/** The run that writes this message. */
export function useRun(message: Writing): Run | undefined {
  return useRuns((state) => runOf(state, message));
}

function runsIn({ byKey }: Runs, threadId: string): Run[] {
  return Object.values(byKey).filter((run) => run.threadId === threadId);
}

/** The ids of what is being written in a thread, as far as they are known. */
export function generationsIn(threadId: string): string[] {
  return runsIn(useRuns.getState(), threadId).flatMap(({ tail }) => tail.generation?.id ?? []);
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
    useShallow((state) => {
      const run = runsIn(state, threadId)[0];
      if (!run) return null;
      const { messageId, stage } = run.tail;
      return { messageId, pending: run.pending, stage: messageId ? null : stage, stopping: run.stopping };
    }),
  );
  return facts ?? undefined;
}

export function isRunning(threadId: string): boolean {
  return runsIn(useRuns.getState(), threadId).length > 0;
}

/** This tab follows the message, or has just taken the turn that it may belong to. */
export function isFollowed(message: Writing): boolean {
  const state = useRuns.getState();
  const turn = state.byKey[message.thread_id];
  return (turn && turn.tail.messageId === null) || runOf(state, message) !== undefined;
}

export function setStopping(generationId: string): void {
  for (const [key, run] of Object.entries(useRuns.getState().byKey))
    if (run.tail.generation?.id === generationId) change(key, (old) => ({ ...old, stopping: true }));
}

function change(key: string, update: (run: Run) => Run): void {
  useRuns.setState(({ byKey }) => {
    const run = byKey[key];
    return run ? { byKey: { ...byKey, [key]: update(run) } } : { byKey };
  });
}

function begin(key: string, run: Pick<Run, "threadId" | "pending" | "parts">): void {
  useRuns.setState(({ byKey }) => ({
    byKey: { ...byKey, [key]: { tail: emptyTail, stopping: false, ...run } },
  }));
}

function end(key: string): void {
  useRuns.setState(({ byKey }) => {
    const { [key]: _ended, ...rest } = byKey;
    return { byKey: rest };
  });
}

/** Words are let out smoothly anyway, so this often is enough, in milliseconds. */
const PUBLISH_MS = 120;

/** Publishes states now and then, whatever the rate of events; the first and the last at once. */
function publisher(key: string, floor: number) {
  let latest = emptyTail;
  let timer = 0;
  const publish = () => {
    timer = 0;
    const tail = latest;
    change(key, (run) => {
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

/** An answer beside another one; one that is known may have grown meanwhile. */
function placeRival(rival: Message): void {
  updateMessages(rival.thread_id, (messages) =>
    messages.some((item) => item.id === rival.id) ? messages : [...messages, rival],
  );
}

/** Rows that come with `start` and `finish` go to the cache, where the page reads them. */
function place({ event }: LoggedEvent): void {
  if (event.type === "start") {
    if (event.user_message) placeMessage(event.user_message);
    placeMessage(event.message);
    for (const rival of event.rivals ?? []) placeRival(rival);
    // of answers side by side, the first is where one goes on
    const beside = event.thread.choices?.[event.message.parent_id ?? ""] === ALL;
    placeThread(beside ? event.thread : { ...event.thread, leaf_id: event.message.id });
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
 * has taken it, which `onTaken` hears with the answers of other models to the same message. Resolves when the answer ended; rejects when the server did not take the turn.
 */
export async function runTurn(
  asked: AskedTurn,
  pending: Message | null,
  onTaken?: (rivals: Message[]) => void,
): Promise<Message | null> {
  const { key, threadId, turn } = asked;
  keepTurn(asked);
  const abort = new AbortController();
  begin(threadId, { threadId, pending, parts: [] });
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
      onTaken?.(event.event.type === "start" ? (event.event.rivals ?? []) : []);
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
  const { id, thread_id: threadId, generation_id: generationId } = message;
  if (!generationId || runOf(useRuns.getState(), message)) return null;
  const abort = new AbortController();
  begin(id, { threadId, pending: null, parts: message.parts });
  const onState = publisher(id, lengthOf(message.parts));
  try {
    const { final } = await follow({ generationId, signal: abort.signal, onState, onEvent: place });
    return final;
  } catch (error) {
    // gone from the log: it ended long ago, and the thread has the whole message
    if (!(error instanceof ApiError)) throw error;
    return null;
  } finally {
    end(id);
    await queryClient.invalidateQueries(threadQuery(threadId));
  }
}
